#include "repository/model_config_check.h"

#include "support/expect_error.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

using inference::ModelConfig;

ModelConfig completed(const std::string& text) {
  ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  complete_config(config, "m");
  return config;
}

const std::string kTensors =
    "input { name: 'X' data_type: TYPE_FP32 dims: 4 } "
    "output { name: 'Y' data_type: TYPE_FP32 dims: 4 } ";
const std::string kPlain = "backend: 'pytorch' " + kTensors;

void expect_refused(const std::string& text, const std::string& part,
                    ErrorCode code = ErrorCode::kInvalidArgument) {
  expect_error(code, part, [&] { check_config(completed(text), "m"); });
}

TEST(ModelConfigCheck, BackendAndPlatformCompleteEachOther) {
  EXPECT_EQ(completed("backend: 'pytorch'").platform(), "pytorch_libtorch");
  EXPECT_EQ(completed("backend: 'libtorch'").backend(), "pytorch");
  EXPECT_EQ(completed("platform: 'pytorch_libtorch'").backend(), "pytorch");
  EXPECT_EQ(completed("platform: 'onnxruntime_onnx'").backend(), "onnxruntime");
  // The file's name is filled in with the platform, as the recorded answers show.
  EXPECT_EQ(completed("backend: 'pytorch'").default_model_filename(), "model.pt");
  EXPECT_EQ(completed("platform: 'pytorch_libtorch'").default_model_filename(), "");
}

TEST(ModelConfigCheck, DefaultsAreOneInstanceOneVersionAndFullBatches) {
  const ModelConfig config = completed("max_batch_size: 8 dynamic_batching {}");
  EXPECT_EQ(config.name(), "m");
  ASSERT_EQ(config.instance_group_size(), 1);
  EXPECT_EQ(config.instance_group(0).name(), "m");
  EXPECT_EQ(config.instance_group(0).count(), 1);
  EXPECT_EQ(config.instance_group(0).kind(), inference::ModelInstanceGroup::KIND_CPU);
  EXPECT_EQ(config.version_policy().latest().num_versions(), 1U);
  ASSERT_EQ(config.dynamic_batching().preferred_batch_size_size(), 1);
  EXPECT_EQ(config.dynamic_batching().preferred_batch_size(0), 8);
}

TEST(ModelConfigCheck, AWholeConfigPasses) {
  EXPECT_NO_THROW(check_config(completed(kPlain), "m"));
}

TEST(ModelConfigCheck, NamesAndBackendsMustFit) {
  expect_refused("name: 'other' " + kPlain, "unexpected name 'other'");
  expect_refused(kTensors, "no backend");
  expect_refused("backend: '../x' " + kTensors, "backend '../x' is not known");
  expect_refused("platform: 'onnxruntime_onnx' " + kPlain, "does not belong to backend 'pytorch'");
}

TEST(ModelConfigCheck, TensorsMustBeWhole) {
  expect_refused("backend: 'pytorch'", "no input");
  const std::string start = "backend: 'pytorch' output { name: 'Y' data_type: TYPE_FP32 dims: 4 } ";
  expect_refused(start + "input { data_type: TYPE_FP32 dims: 1 }", "no name");
  expect_refused(start + "input { name: 'X' dims: 1 }", "no data_type");
  expect_refused(start + "input { name: 'X' data_type: TYPE_FP32 }", "no dims");
  expect_refused(start + "input { name: 'X' data_type: TYPE_FP32 dims: 0 }", "dimension of 0");
  expect_refused(start + "input { name: 'X' data_type: TYPE_FP32 dims: -2 }", "dimension of -2");
  expect_refused(kPlain + "input { name: 'X' data_type: TYPE_FP32 dims: 4 }", "two inputs are 'X'");
  expect_refused(kPlain + "output { name: 'Y' data_type: TYPE_FP32 dims: 4 }",
                 "two outputs are 'Y'");
}

TEST(ModelConfigCheck, AReshapeKeepsTheElements) {
  const std::string start = "backend: 'pytorch' output { name: 'Y' data_type: TYPE_FP32 dims: 4 } ";
  const auto input = [&](const std::string& dims, const std::string& shape) {
    return start + "input { name: 'X' data_type: TYPE_FP32 dims: " + dims +
           " reshape { shape: " + shape + " } }";
  };
  EXPECT_NO_THROW(check_config(completed(input("[4, -1]", "[2, -1, 2]")), "m"));
  EXPECT_NO_THROW(check_config(completed(input("[1]", "[]")), "m"));
  expect_refused(input("[4]", "[5]"), "different numbers of elements");
  expect_refused(input("[4, -1]", "[4]"), "different numbers of elements");
  expect_refused(input("[9223372036854775807, 2]", "[2]"), "more elements than can be counted");
}

TEST(ModelConfigCheck, WhatIsNotServedIsNamed) {
  const char* fields[] = {"sequence_batching {}",
                          "ensemble_scheduling {}",
                          "model_transaction_policy { decoupled: true }",
                          "batch_input {}",
                          "batch_output {}",
                          "model_operations { op_library_filename: 'x.so' }",
                          "model_repository_agents { agents {} }",
                          "response_cache { enable: true }",
                          "runtime: 'x'"};
  for (const std::string field : fields) {
    const std::string name = field.substr(0, field.find_first_of(" :"));
    expect_refused(kPlain + field, name, ErrorCode::kUnsupported);
  }
}

TEST(ModelConfigCheck, NumbersKeepToTheirRanges) {
  expect_refused(kPlain + "max_batch_size: -1", "max_batch_size is -1");
  expect_refused(kPlain + "instance_group { kind: KIND_GPU }", "KIND_GPU");
  expect_refused(kPlain + "instance_group { count: 1000 }", "count of 1000, not 1 to 256");
  expect_refused(kPlain + "max_batch_size: 4 dynamic_batching { preferred_batch_size: 5 }",
                 "preferred_batch_size 5");
  expect_refused(kPlain + "dynamic_batching { default_priority_level: 1 }",
                 "default_priority_level 1");
  expect_refused(kPlain + "version_policy { latest { num_versions: 0 } }", "num_versions 0");
  expect_refused(kPlain + "version_policy { specific { versions: 0 } }", "version 0");
}

}  // namespace
}  // namespace scrim
