#include "protocol/infer_request.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TensorMessage two_floats(const std::string& name, bool binary) {
  TensorMessage input;
  input.name = name;
  input.shape = {1, 2};
  const float values[] = {0.1F, -2};
  input.bytes = TensorBytes::own({reinterpret_cast<const char*>(values), sizeof(values)});
  input.binary = binary;
  return input;
}

TEST(FormatInferRequest, JsonHasEveryFieldInOrder) {
  InferRequest request;
  request.id = "a";
  request.parameters = {{"p", true}};
  request.priority = 2;
  request.timeout_microseconds = 30;
  request.inputs = {two_floats("X", false)};
  request.outputs = {{"Y", 0, true}, {"Z", 3, false}};
  const HttpBody body = format_infer_request(request);
  EXPECT_FALSE(body.json_length);
  EXPECT_EQ(
      body.bytes,
      R"({"id":"a","parameters":{"p":true,"priority":2,"timeout":30},"inputs":[{"name":"X",)"
      R"("datatype":"FP32","shape":[1,2],"data":[0.100000001,-2]}],"outputs":[{"name":"Y",)"
      R"("parameters":{"binary_data":true}},{"name":"Z","parameters":{"classification":3}}]})");
}

TEST(FormatInferRequest, BinaryInputsFollowTheJson) {
  InferRequest request;
  request.binary_outputs = true;
  request.inputs = {two_floats("X", true), two_floats("Y", true)};
  const HttpBody body = format_infer_request(request);
  ASSERT_TRUE(body.json_length);
  EXPECT_EQ(body.bytes.size(), *body.json_length + 16);
  const InferRequest read = parse_infer_request(body.bytes, body.json_length, "m");
  EXPECT_TRUE(read.binary_outputs);
  ASSERT_EQ(read.inputs.size(), 2U);
  EXPECT_EQ(read.inputs[1].bytes.view(), request.inputs[1].bytes.view());
}

}  // namespace
}  // namespace scrim
