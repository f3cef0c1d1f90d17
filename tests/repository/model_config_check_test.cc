#include "repository/model_config_check.h"

#include "support/expect_error.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

inference::ModelConfig completed(const std::string& text) {
  inference::ModelConfig config;
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
  const inference::ModelConfig config = completed("max_batch_size: 8 dynamic_batching {}");
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

TEST(ModelConfigCheck, WhatIsNotServedIsNamed) {
  const char* fields[] = {"sequence_batching {}",
                          "ensemble_scheduling {}",
                          "model_transaction_policy { decoupled: true }",
                          "batch_input {}",
                          "batch_output {}",
                          "model_operations { op_library_filename: 'x.so' }",
                          "model_repository_agents { agents {} }",
                          "response_cache { enable: true }",
                          "model_metrics { metric_control {} }",
                          "runtime: 'x'"};
  for (const std::string field : fields) {
    const std::string name = field.substr(0, field.find_first_of(" :"));
    expect_refused(kPlain + field, name, ErrorCode::kUnsupported);
  }
  const char* of_a_group[] = {"gpus: 0",       "secondary_devices {}", "profile: '1'",
                              "passive: true", "host_policy: 'x'",     "rate_limiter {}"};
  for (const std::string field : of_a_group) {
    expect_refused(kPlain + "instance_group { kind: KIND_CPU " + field + " }",
                   "instance_group." + field.substr(0, field.find_first_of(" :")),
                   ErrorCode::kUnsupported);
  }
}

TEST(ModelConfigCheck, NumbersKeepToTheirRanges) {
  expect_refused(kPlain + "max_batch_size: -1", "max_batch_size is -1");
  expect_refused(kPlain + "instance_group { kind: KIND_GPU }", "KIND_GPU");
  expect_refused(kPlain + "instance_group { count: 1000 }", "count of 1000, not 1 to 256");
  expect_refused(kPlain + "max_batch_size: 4 dynamic_batching { preferred_batch_size: 5 }",
                 "preferred_batch_size 5");
  expect_refused(kPlain + "version_policy { latest { num_versions: 0 } }", "num_versions 0");
  expect_refused(kPlain + "version_policy { specific { versions: 0 } }", "version 0");
}

TEST(ModelConfigCheck, InstancesAreCountedOverAllGroups) {
  std::string groups;
  for (int i = 0; i < 2; ++i) groups += "instance_group { count: 128 } ";
  EXPECT_NO_THROW(check_config(completed(kPlain + groups), "m"));
  expect_refused(kPlain + groups + "instance_group {}", "257 instances in all, more than 256");
}

TEST(ModelConfigCheck, PrioritiesKeepToTheirLevels) {
  const auto batching = [](const std::string& text) {
    return kPlain + "dynamic_batching { " + text + " }";
  };
  EXPECT_NO_THROW(check_config(
      completed(batching("priority_levels: 2 default_priority_level: 2 "
                         "priority_queue_policy { key: 1 value { timeout_action: DELAY } }")),
      "m"));
  expect_refused(batching("default_priority_level: 1"), "default_priority_level 1");
  expect_refused(batching("priority_levels: 2"), "default_priority_level 0 is not 1 to");
  expect_refused(batching("priority_levels: 1 default_priority_level: 1 "
                          "priority_queue_policy { key: 2 value {} }"),
                 "priority_queue_policy 2");
}

TEST(ModelConfigCheck, PreservedOrderLeavesNoPrioritiesAndNoDelays) {
  const auto ordered = [](const std::string& text) {
    return kPlain + "dynamic_batching { preserve_ordering: true " + text + " }";
  };
  const std::string delay = "{ timeout_action: DELAY default_timeout_microseconds: 9 }";
  EXPECT_NO_THROW(
      check_config(completed(ordered("priority_levels: 1 default_priority_level: 1")), "m"));
  expect_refused(ordered("priority_levels: 2 default_priority_level: 1"), "priority_levels is 2");
  expect_refused(ordered("default_queue_policy " + delay), "timeout_action DELAY");
  expect_refused(ordered("priority_levels: 1 default_priority_level: 1 "
                         "priority_queue_policy { key: 1 value " +
                         delay + " }"),
                 "timeout_action DELAY");
}

TEST(ModelConfigCheck, TagsAreNamesOfLabels) {
  EXPECT_NO_THROW(
      check_config(completed(kPlain + "metric_tags { key: 'team_2' value: 'a \"b\"' }"), "m"));
  for (const std::string tag : {"", "a b", "a=\\\"b", "a}", "\\303\\244"}) {
    expect_refused(kPlain + "metric_tags { key: '" + tag + "' value: 'x' }", "metric_tags has");
  }
}

TEST(ModelConfigCheck, AWarmUpSaysWhatItFeeds) {
  const auto warmup = [](const std::string& input) {
    return kPlain + "model_warmup { name: 'w' inputs { key: 'X' value { dims: 4 " + input +
           " } } }";
  };
  EXPECT_NO_THROW(check_config(completed(warmup("data_type: TYPE_FP32 zero_data: true")), "m"));
  expect_refused(warmup("data_type: TYPE_FP32"), "input 'X' of model_warmup 'w' has none of");
  expect_refused(kPlain + "model_warmup { name: 'w' count: 1001 }", "has a count of 1001, above");
  expect_refused(warmup("zero_data: true"), "has no data_type");
}

TEST(ModelConfigCheck, AFaultIsOneLineWhateverTheConfigHolds) {
  expect_refused("name: 'a\\nb' " + kPlain, "unexpected name 'a?b'");
  expect_refused("backend: '" + std::string(5000, 'x') + "' " + kTensors, "x...' is not known");
}

}  // namespace
}  // namespace scrim
