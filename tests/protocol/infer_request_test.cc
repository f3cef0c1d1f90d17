#include "protocol/infer_request.h"

#include "protocol/expect_request_error.h"

#include <gtest/gtest.h>

#include <string>

namespace scrim {
namespace {

InferRequest parse(const std::string& json) { return parse_infer_request(json, {}, "m"); }

std::string input(const std::string& rest) {
  return R"({"inputs":[{"name":"X","shape":[2],"datatype":"UINT8",)" + rest + "}]}";
}

void refused(RequestFault fault, const std::string& part, const std::string& json) {
  expect_request_error(fault, part, [&] { parse(json); });
}

TEST(InferRequest, HoldsWhatTheJsonSays) {
  const InferRequest request = parse(
      R"({"id":"a7","parameters":{"priority":3,"timeout":500,"binary_data_output":true,"mine":"x",
          "share":0.5,"count":-2,"headers":{},"sequence_start":true},
          "inputs":[{"name":"X","shape":[1,2],"datatype":"INT16","data":[[1,-1]]}],
          "outputs":[{"name":"A","parameters":{"binary_data":true}},
                     {"name":"B","parameters":{"classification":5}}],"else":[1]})");
  EXPECT_EQ(request.id, "a7");
  EXPECT_EQ(request.priority, 3U);
  EXPECT_EQ(request.timeout_microseconds, 500U);
  EXPECT_TRUE(request.binary_outputs);
  const Parameters expected = {{"mine", std::string("x")},
                               {"share", 0.5},
                               {"count", std::int64_t{-2}},
                               {"sequence_start", true}};
  EXPECT_EQ(request.parameters, expected);
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].shape, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(request.inputs[0].bytes.view(), std::string("\1\0\xff\xff", 4));
  ASSERT_EQ(request.outputs.size(), 2U);
  EXPECT_TRUE(request.outputs[0].binary);
  EXPECT_EQ(request.outputs[1].classes, 5);
}

TEST(InferRequest, BinaryInputsBorrowFromTheBody) {
  const std::string json =
      R"({"inputs":[
          {"name":"A","shape":[2],"datatype":"UINT8","parameters":{"binary_data_size":2}},
          {"name":"B","shape":[1],"datatype":"UINT8","data":[7]},
          {"name":"C","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":1}}]})";
  const std::string body = json + "abc";
  const InferRequest request = parse_infer_request(body, json.size(), "m");
  EXPECT_EQ(request.inputs[0].bytes.view(), "ab");
  EXPECT_EQ(request.inputs[0].bytes.view().data(), body.data() + json.size());
  EXPECT_EQ(request.inputs[1].bytes.view(), "\7");
  EXPECT_EQ(request.inputs[2].bytes.view(), "c");
  EXPECT_TRUE(request.inputs[2].binary);
  expect_request_error(RequestFault::kInvalid,
                       "unexpected size for input 'C', expecting 1 additional bytes for model 'm'",
                       [&] { parse_infer_request(json + "ab", json.size(), "m"); });
  expect_request_error(RequestFault::kInvalid, "unexpected additional input data for model 'm'",
                       [&] { parse_infer_request(json + "abcd", json.size(), "m"); });
}

TEST(InferRequest, AnInputHasExactlyOneSource) {
  refused(RequestFault::kInvalid, "But no field is set", input(R"("x":1)"));
  refused(RequestFault::kInvalid, "But set 'data' 'binary_data_size'",
          input(R"("data":[1,2],"parameters":{"binary_data_size":2})"));
  refused(RequestFault::kInvalid, "But no field is set", R"({"inputs":[[[]]]})");
  refused(RequestFault::kUnsupported, "shared memory, which is not served",
          input(R"("parameters":{"shared_memory_region":"a"})"));
  refused(RequestFault::kInternal, "Unable to parse 'binary_data_size'",
          input(R"("parameters":{"binary_data_size":-1})"));
}

TEST(InferRequest, NothingIsAllocatedThatTheBodyDoesNotHold) {
  refused(
      RequestFault::kInternal, "shape does not match true shape",
      R"({"inputs":[{"name":"X","shape":[1152921504606846976],"datatype":"FP64","data":[1]}]})");
  refused(RequestFault::kInvalid, "unexpected size for input 'X'",
          R"({"inputs":[{"name":"X","shape":[1],"datatype":"FP64",
              "parameters":{"binary_data_size":18446744073709551615}}]})");
  refused(
      RequestFault::kInvalid, "causes total element count to exceed maximum size",
      R"({"inputs":[{"name":"X","shape":[4611686018427387904,16],"datatype":"FP64","data":[1]}]})");
}

TEST(InferRequest, NamesAreUnique) {
  const std::string one = R"({"name":"X","shape":[1],"datatype":"UINT8","data":[1]})";
  refused(RequestFault::kInvalid, "[request id: <id_unknown>] input 'X' already exists in request",
          R"({"inputs":[)" + one + "," + one + "]}");
  refused(RequestFault::kInvalid, "[request id: 9] output 'Y' already exists in request",
          R"({"id":"9","inputs":[)" + one + R"(],"outputs":[{"name":"Y"},{"name":"Y"}]})");
}

TEST(InferRequest, ParametersAreOfTheirType) {
  const auto with = [](const std::string& parameters) {
    return R"({"inputs":[],"parameters":)" + parameters + "}";
  };
  refused(RequestFault::kInternal, "Unable to parse 'priority'", with(R"({"priority":-1})"));
  refused(RequestFault::kInternal, "Unable to parse 'timeout'", with(R"({"timeout":"x"})"));
  refused(RequestFault::kInternal, "Unable to parse 'sequence_end'", with(R"({"sequence_end":1})"));
  refused(RequestFault::kInternal, "Unable to parse 'parameters'", with("[]"));
  refused(RequestFault::kInvalid, "reserved for Triton usage", with(R"({"triton_x":1})"));
  refused(RequestFault::kInvalid, "parameter 'o' has invalid type", with(R"({"o":null})"));
}

TEST(JsonLength, IsANumberWithinTheBody) {
  EXPECT_EQ(json_length_of("0", 10), 0U);
  EXPECT_EQ(json_length_of("10", 10), 10U);
  const auto wrong = [](const char* text, const char* part) {
    expect_request_error(RequestFault::kInvalid, part, [&] { json_length_of(text, 10); });
  };
  wrong("abc", "Unable to parse Inference-Header-Content-Length, got: abc");
  wrong("1x", "got: 1x");
  wrong("", "got: ");
  wrong("11", "inference header size should be in range (0, 10), got: 11");
  wrong("-1", "inference header size should be in range (0, 10), got: -1");
  wrong("2147483648", "value is out of range [ -2147483648, 2147483647 ], got: 2147483648");
  wrong("99999999999999999999", "value is out of range");
}

}  // namespace
}  // namespace scrim
