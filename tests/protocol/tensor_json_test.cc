#include "protocol/tensor_json.h"

#include "protocol/expect_request_error.h"
#include "protocol/request_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace scrim {
namespace {

std::string read(const std::string& json, Datatype type, std::optional<std::int64_t> count) {
  const std::string text = R"({"inputs":[{"data":)" + json + "}]}";
  const MessageDocument document(text);
  const RequestValue& data = document.root()["inputs"][0]["data"];
  return std::string(tensor_from_json(document, data, "X", type, count).view());
}

std::string written(Datatype type, const std::string& bytes,
                    FloatDigits digits = FloatDigits::kOfDouble) {
  TensorMessage output;
  output.name = "Y";
  output.datatype = type;
  output.bytes = TensorBytes::borrow(bytes);
  JsonText text;
  JsonWriter writer(text);
  tensor_to_json(output, writer, digits);
  return text.text();
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

TEST(TensorJson, NineDigitsReadBackAsTheSameFloat) {
  std::mt19937 random(3);
  std::vector<float> values = {0.1F,        -0.0F, 1e-45F, std::numeric_limits<float>::max(),
                               16777217.0F, 1e10F};
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    if (std::isfinite(value)) values.push_back(value);
  }
  const std::string bytes = bytes_of(values);
  const std::string nine = written(Datatype::kFp32, bytes, FloatDigits::kNine);
  EXPECT_TRUE(read(nine, Datatype::kFp32, static_cast<std::int64_t>(values.size())) == bytes);
  EXPECT_LT(nine.size(), 0.8 * static_cast<double>(written(Datatype::kFp32, bytes).size()));
  EXPECT_EQ(written(Datatype::kFp32, bytes_of<float>({0.1F, INFINITY, -INFINITY, NAN, 1}),
                    FloatDigits::kNine),
            "[0.100000001,Infinity,-Infinity,NaN,1]");
  EXPECT_EQ(written(Datatype::kFp32, "", FloatDigits::kNine), "[]");
}

TEST(TensorJson, EveryTypeIsReadAndWrittenToItsLimits) {
  struct Case {
    Datatype type;
    std::string json, bytes;
  };
  const std::vector<Case> cases = {
      {Datatype::kBool, "[true,false]", std::string("\1\0", 2)},
      {Datatype::kUint8, "[0,255]", bytes_of<std::uint8_t>({0, 255})},
      {Datatype::kUint16, "[65535]", bytes_of<std::uint16_t>({65535})},
      {Datatype::kUint32, "[4294967295]", bytes_of<std::uint32_t>({4294967295U})},
      {Datatype::kUint64, "[18446744073709551615]", bytes_of<std::uint64_t>({~std::uint64_t{0}})},
      {Datatype::kInt8, "[-128,127]", bytes_of<std::int8_t>({-128, 127})},
      {Datatype::kInt16, "[-32768]", bytes_of<std::int16_t>({-32768})},
      {Datatype::kInt32, "[-2147483648,2147483647]",
       bytes_of<std::int32_t>({-2147483647 - 1, 2147483647})},
      {Datatype::kInt64, "[-9223372036854775808]",
       bytes_of<std::int64_t>({std::numeric_limits<std::int64_t>::min()})},
      {Datatype::kFp32, "[0.10000000149011612,1.0,-0.0,3.4028234663852887e38]",
       bytes_of<float>({0.1F, 1, -0.0F, std::numeric_limits<float>::max()})},
      {Datatype::kFp64, "[0.1,-1e300]", bytes_of<double>({0.1, -1e300})},
      {Datatype::kBytes, R"(["ab",""])", std::string("\2\0\0\0ab\0\0\0\0", 10)}};
  for (const Case& one : cases) {
    const std::int64_t count = 1 + std::count(one.json.begin(), one.json.end(), ',');
    EXPECT_EQ(read(one.json, one.type, count), one.bytes) << name(one.type);
    EXPECT_EQ(written(one.type, one.bytes), one.json) << name(one.type);
  }
  EXPECT_EQ(read("[1e39]", Datatype::kFp32, 1), bytes_of<float>({INFINITY}));
  EXPECT_EQ(written(Datatype::kFp32, bytes_of<float>({INFINITY, -INFINITY, NAN})),
            "[Infinity,-Infinity,NaN]");
}

TEST(TensorJson, EveryFloatReadsBackAsItself) {
  std::mt19937 random(5);
  std::vector<float> values;
  while (values.size() < 20000) {
    const auto bits = static_cast<std::uint32_t>(random());
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    if (std::isfinite(value)) values.push_back(value);
  }
  const std::string bytes = bytes_of(values);
  EXPECT_EQ(read(written(Datatype::kFp32, bytes), Datatype::kFp32, 20000), bytes);
}

TEST(TensorJson, NestedArraysAreFlattenedAndRaggedOnesRefused) {
  const std::string bytes = bytes_of<std::int32_t>({1, 2, 3, 4});
  EXPECT_EQ(read("[1,2,3,4]", Datatype::kInt32, 4), bytes);
  EXPECT_EQ(read("[[1,2],[3,4]]", Datatype::kInt32, 4), bytes);
  EXPECT_EQ(read("[[[1],[2]],[[3],[4]]]", Datatype::kInt32, 4), bytes);
  for (const char* ragged : {"[[1],[2,3,4]]", "[1,[2,3,4]]", "[[1,2,3],4]", "[[[1,2]],[3,4]]",
                             "[[1,2],[[3,4]]]", "[[],[1,2,3,4]]", "[[1,2],[3,[4]]]"}) {
    expect_request_error(RequestFault::kInvalid, "'data' of input 'X' is ragged",
                         [&] { read(ragged, Datatype::kInt32, 4); });
  }
  EXPECT_EQ(read("[]", Datatype::kFp32, 0), "");
  EXPECT_EQ(read("[[],[]]", Datatype::kFp32, 0), "");
  EXPECT_EQ(read("[1,2,3]", Datatype::kUint8, std::nullopt), "\1\2\3");
}

TEST(TensorJson, WrongElementsAreRefusedInTheProtocolsWords) {
  const auto refused = [](const char* json, Datatype type, RequestFault fault, const char* part) {
    expect_request_error(fault, part, [&] { read(json, type, 1); });
  };
  constexpr auto kInternal = RequestFault::kInternal;
  constexpr auto kInvalid = RequestFault::kInvalid;
  refused("[0.5]", Datatype::kInt32, kInternal, "non-signed-integer as signed-integer");
  refused("[\"a\"]", Datatype::kInt8, kInternal, "non-signed-integer as signed-integer");
  refused("[-1]", Datatype::kUint8, kInternal, "non-unsigned-integer as unsigned-integer");
  refused("[1]", Datatype::kBool, kInternal, "non-boolean as boolean");
  refused("[null]", Datatype::kFp32, kInternal, "non-number as double");
  refused("[true]", Datatype::kFp64, kInternal, "non-number as double");
  refused("[1]", Datatype::kBytes, kInternal, "non-string as string");
  refused("7", Datatype::kInt32, kInternal, "non-array as array");
  refused("[1099511627776]", Datatype::kInt32, kInvalid, "out of the range of INT32");
  refused("[-129]", Datatype::kInt8, kInvalid, "out of the range of INT8");
  refused("[256]", Datatype::kUint8, kInvalid, "out of the range of UINT8");
  refused("[1.0]", Datatype::kFp16, kInvalid,
          "receiving FP16 data via JSON is not supported. Please use the binary data format for "
          "input X");
  refused("[]", Datatype::kInt32, kInternal,
          "Failed to parse 'data' field: shape does not match true shape");
  refused("[1,2]", Datatype::kInt32, kInternal,
          "Unable to parse 'data': Shape does not match true shape of 'data' field");
}

TEST(TensorJson, AShapeThatNobodySentCostsNoMemory) {
  expect_request_error(RequestFault::kInternal, "shape does not match",
                       [] { read("[1]", Datatype::kFp64, std::int64_t{1} << 60); });
}

TEST(TensorJson, DepthEndsAtAHundred) {
  const auto nested = [](int depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_EQ(read(nested(kMaxDataDepth), Datatype::kUint8, 1), "\1");
  expect_request_error(RequestFault::kInvalid,
                       "JSON nesting depth exceeds maximum allowed limit (100)",
                       [&] { read(nested(kMaxDataDepth + 1), Datatype::kUint8, 1); });
}

TEST(TensorJson, WritesNoBrokenStringsAndNoHalfFloats) {
  expect_request_error(RequestFault::kInternal, "output 'Y' holds an incomplete string",
                       [] { written(Datatype::kBytes, std::string("\5\0\0\0ab", 6)); });
  expect_request_error(RequestFault::kInternal, "incomplete string",
                       [] { written(Datatype::kBytes, std::string("\5\0", 2)); });
  expect_request_error(RequestFault::kInvalid, "sending BF16 data via JSON is not supported",
                       [] { written(Datatype::kBf16, "ab"); });
}

}  // namespace
}  // namespace scrim
