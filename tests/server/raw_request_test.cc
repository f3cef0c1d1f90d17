#include "server/raw_request.h"

#include "protocol/expect_request_error.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

using Shape = std::vector<std::int64_t>;

ModelConfig model_with(const std::string& input, int batch) {
  return parse_model_config("backend: 'pytorch' max_batch_size: " + std::to_string(batch) +
                                " input { name: 'X' " + input +
                                " } output { name: 'Y' data_type: TYPE_FP32 dims: 1 }",
                            "m");
}

TEST(RawRequest, TheVariableDimensionFollowsFromTheSize) {
  const ModelConfig config = model_with("data_type: TYPE_FP32 dims: [2, -1]", 4);
  const std::string body(24, '\0');
  const InferRequest request = raw_request(body, config);
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].shape, Shape({1, 2, 3}));
  EXPECT_EQ(request.inputs[0].bytes.view().data(), body.data());
  EXPECT_TRUE(request.binary_outputs);
  EXPECT_EQ(raw_request(body, model_with("data_type: TYPE_FP32 dims: 6", 0)).inputs[0].shape,
            Shape({6}));
}

TEST(RawRequest, AStringIsTheWholeBody) {
  const ModelConfig config = model_with("data_type: TYPE_STRING dims: 1", 0);
  EXPECT_EQ(raw_request("text", config).inputs[0].bytes.view(), std::string("\4\0\0\0text", 8));
}

TEST(RawRequest, WhatCannotBeDeducedIsRefused) {
  const ModelConfig two = parse_model_config(simple_config(), "simple");
  expect_request_error(RequestFault::kInvalid,
                       "[request id: <id_unknown>] Raw request must only have 1 input (found 1) "
                       "to be deduced but got 2 inputs in 'simple' model configuration",
                       [&] { raw_request("", two); });
  const ModelConfig free = model_with("data_type: TYPE_FP32 dims: [-1, -1]", 0);
  expect_request_error(RequestFault::kInvalid, "more than one variable-sized dimension",
                       [&] { raw_request("", free); });
  const ModelConfig odd = model_with("data_type: TYPE_FP32 dims: [2, -1]", 0);
  expect_request_error(RequestFault::kInvalid, "12 bytes are no multiple of the 8",
                       [&] { raw_request(std::string(12, '\0'), odd); });
  const ModelConfig strings = model_with("data_type: TYPE_STRING dims: 2", 0);
  expect_request_error(RequestFault::kInvalid, "the model must have input shape [1]",
                       [&] { raw_request("", strings); });
}

}  // namespace
}  // namespace scrim
