#include "protocol/infer_response.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(ParseInferResponse, OutputsAreReadWhicheverWayTheyTravel) {
  InferResponse response{"m", "2", "q", {}, {}};
  for (const bool binary : {false, true}) {
    TensorMessage output;
    output.name = binary ? "B" : "A";
    output.datatype = Datatype::kInt16;
    output.shape = {1, 2};
    output.bytes = TensorBytes::own(std::string("\1\0\377\377", 4));
    output.binary = binary;
    response.outputs.push_back(output);
  }
  const HttpBody body = format_infer_response(response);
  const InferResponse read = parse_infer_response(body.bytes, body.json_length);
  EXPECT_EQ(read.model_name, "m");
  EXPECT_EQ(read.model_version, "2");
  EXPECT_EQ(read.id, "q");
  ASSERT_EQ(read.outputs.size(), 2U);
  for (const TensorMessage& output : read.outputs) {
    EXPECT_EQ(output.datatype, Datatype::kInt16);
    EXPECT_EQ(output.shape, std::vector<std::int64_t>({1, 2}));
    EXPECT_EQ(output.bytes.view(), std::string_view("\1\0\377\377", 4));
  }
}

TEST(ParseInferResponse, WhatIsNoAnswerIsRefusedInOneSentence) {
  struct Case {
    const char* sentence;
    const char* body;
    std::optional<std::size_t> json_length;
  };
  const Case cases[] = {
      {"failed to parse", "{", {}},
      {"'model_name'", "{}", {}},
      {"its JSON is cut off", "{}", 3},
      {"'outputs'", R"({"model_name":"m","model_version":"1"})", {}},
      {"output 'A' has a datatype that there is not",
       R"({"model_name":"m","model_version":"1","outputs":)"
       R"([{"name":"A","datatype":"F","shape":[1]}]})",
       {}},
      {"output 'A' has a shape that no tensor has",
       R"({"model_name":"m","model_version":"1","outputs":[{"name":"A","datatype":"FP32",)"
       R"("shape":[9223372036854775807,2],"data":[]}]})",
       {}},
      {"shape does not match",
       R"({"model_name":"m","model_version":"1","outputs":[{"name":"A","datatype":"FP32",)"
       R"("shape":[2],"data":[1]}]})",
       {}},
      {"another number of bytes than its shape",
       R"({"model_name":"m","model_version":"1","outputs":[{"name":"A","datatype":"FP32",)"
       R"("shape":[1],"parameters":{"binary_data_size":4}}]})",
       {}},
      {"bytes follow its last output", R"({"model_name":"m","model_version":"1","outputs":[]}x)",
       51}};
  for (const Case& one : cases) {
    expect_error(ErrorCode::kCorrupt, one.sentence,
                 [&] { parse_infer_response(one.body, one.json_length); });
  }
}

TEST(ParseInferResponse, AnErrorsBodyIsRead) {
  EXPECT_EQ(error_in(format_error("a \"b\"")), "a \"b\"");
  EXPECT_FALSE(error_in("<html>"));
  EXPECT_FALSE(error_in("{}"));
  EXPECT_FALSE(error_in(R"({"error":1})"));
  EXPECT_FALSE(error_in("[]"));
}

}  // namespace
}  // namespace scrim
