#include "repository/tensor_config_check.h"

#include "support/expect_error.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

void check_text(const std::string& text) {
  inference::ModelConfig config;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  check_tensors(config, "m");
}

void expect_tensor_refused(const std::string& text, const std::string& part,
                           ErrorCode code = ErrorCode::kInvalidArgument) {
  expect_error(code, part, [&] { check_text(text); });
}

const std::string kInput = "input { name: 'X' data_type: TYPE_FP32 dims: 4 } ";
const std::string kOutput = "output { name: 'Y' data_type: TYPE_FP32 dims: 4 } ";

TEST(TensorConfigCheck, TensorsMustBeWhole) {
  EXPECT_NO_THROW(check_text(kInput + kOutput));
  expect_tensor_refused(kOutput, "no input");
  expect_tensor_refused(kInput, "no output");
  expect_tensor_refused(kOutput + "input { data_type: TYPE_FP32 dims: 1 }", "no name");
  expect_tensor_refused(kOutput + "input { name: 'X' dims: 1 }", "no data_type");
  expect_tensor_refused(kOutput + "input { name: 'X' data_type: TYPE_FP32 }", "no dims");
  expect_tensor_refused(kOutput + kInput + kInput, "two inputs are 'X'");
  expect_tensor_refused(kInput + kOutput + kOutput, "two outputs are 'Y'");
}

TEST(TensorConfigCheck, DimensionsAreFixedOrOfAnyLength) {
  const auto input = [](const std::string& dims) {
    return kOutput + "input { name: 'X' data_type: TYPE_FP32 dims: [" + dims + "] }";
  };
  EXPECT_NO_THROW(check_text(input("-1, 3, -1")));
  expect_tensor_refused(input("0"), "dimension of 0");
  expect_tensor_refused(input("-2"), "dimension of -2");
  expect_tensor_refused(input("9223372036854775807, 2"), "more elements than can be counted");
  // The fixed ones count as one product, also where one of any length stands between.
  expect_tensor_refused(input("9223372036854775807, -1, 2"), "more elements than can be counted");
  std::string many = "1";
  for (int i = 0; i < 64; ++i) many += ", 1";
  expect_tensor_refused(input(many), "65 dimensions, more than 64");
}

TEST(TensorConfigCheck, AReshapeKeepsTheElementsBetweenDimensionsOfAnyLength) {
  const auto input = [](const std::string& dims, const std::string& shape) {
    return kOutput + "input { name: 'X' data_type: TYPE_FP32 dims: " + dims +
           " reshape { shape: " + shape + " } }";
  };
  EXPECT_NO_THROW(check_text(input("[6]", "[2, 3]")));
  EXPECT_NO_THROW(check_text(input("[1]", "[]")));
  EXPECT_NO_THROW(check_text(input("[2, 4, -1, 6]", "[8, -1, 1, 6]")));
  const char* part = "different numbers of elements";
  expect_tensor_refused(input("[4]", "[5]"), part);
  expect_tensor_refused(input("[4]", "[]"), part);
  expect_tensor_refused(input("[4, -1]", "[4]"), part);
  expect_tensor_refused(input("[4, -1]", "[2, -1, 2]"), part);
  expect_tensor_refused(input("[-1, 2, -1]", "[2, -1, -1]"), part);
  expect_tensor_refused(input("[4]", "[0]"), "the reshape of input 'X' has a dimension of 0");
}

TEST(TensorConfigCheck, WhatIsNotServedIsNamed) {
  const auto with = [](const char* field) {
    return kOutput + "input { name: 'X' data_type: TYPE_FP32 dims: 4 " + field + ": true }";
  };
  EXPECT_NO_THROW(check_text(with("optional")));
  for (const char* field : {"is_shape_tensor", "is_non_linear_format_io", "allow_ragged_batch"}) {
    expect_tensor_refused(with(field), field, ErrorCode::kUnsupported);
  }
}

}  // namespace
}  // namespace scrim
