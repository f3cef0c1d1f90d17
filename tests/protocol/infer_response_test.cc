#include "protocol/infer_response.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TensorMessage output(const std::string& name, bool binary, const std::string& bytes) {
  TensorMessage tensor;
  tensor.name = name;
  tensor.datatype = Datatype::kUint8;
  tensor.shape = {1, static_cast<std::int64_t>(bytes.size())};
  tensor.bytes = TensorBytes::own(bytes);
  tensor.binary = binary;
  return tensor;
}

TEST(InferResponse, IsCompactInTheProtocolsOrder) {
  InferResponse response{"m", "3", "", {}, {}};
  response.outputs.push_back(output("A", false, "\1\2"));
  const HttpBody body = format_infer_response(response);
  EXPECT_EQ(body.bytes,
            R"({"model_name":"m","model_version":"3","outputs":[{"name":"A","datatype":"UINT8",)"
            R"("shape":[1,2],"data":[1,2]}]})");
  EXPECT_FALSE(body.json_length);
}

TEST(InferResponse, BinaryOutputsFollowInTheirOrder) {
  InferResponse response{"m", "1", "q\"", {{"p", 0.5}, {"n", std::int64_t{-1}}}, {}};
  response.outputs.push_back(output("A", true, "ab"));
  response.outputs.push_back(output("B", false, "\7"));
  response.outputs.push_back(output("C", true, "c"));
  const HttpBody body = format_infer_response(response);
  ASSERT_TRUE(body.json_length);
  EXPECT_EQ(body.bytes.substr(*body.json_length), "abc");
  EXPECT_EQ(
      body.bytes.substr(0, *body.json_length),
      R"({"id":"q\"","model_name":"m","model_version":"1","parameters":{"n":-1,"p":0.5},)"
      R"("outputs":[{"name":"A","datatype":"UINT8","shape":[1,2],)"
      R"("parameters":{"binary_data_size":2}},)"
      R"({"name":"B","datatype":"UINT8","shape":[1,1],"data":[7]},)"
      R"({"name":"C","datatype":"UINT8","shape":[1,1],"parameters":{"binary_data_size":1}}]})");
}

TEST(InferResponse, WithoutAByteOfBinaryAllIsJson) {
  InferResponse response{"m", "1", "", {}, {}};
  response.outputs.push_back(output("A", true, ""));
  EXPECT_FALSE(format_infer_response(response).json_length);
}

TEST(InferResponse, AnErrorIsOneSentence) {
  EXPECT_EQ(format_error("no \"x\""), R"({"error":"no \"x\""})");
}

}  // namespace
}  // namespace scrim
