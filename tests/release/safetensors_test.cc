#include "release/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"

namespace scrim {
namespace {

// A file of that header, as it is, and that data.
std::string file_of(const std::string& header, const std::string& data = "") {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + data;
}

std::string tensor_json(const std::string& dtype, const std::string& shape,
                        const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

Safetensors parse(const std::string& bytes) { return parse_safetensors(bytes, "weights"); }

void expect_corrupt(const std::string& part, const std::string& bytes) {
  SCOPED_TRACE(bytes.substr(0, 200));
  expect_error(ErrorCode::kCorrupt, part, [&] { parse(bytes); });
}

Safetensors example_tensors() {
  Safetensors contents;
  contents.tensors["conv.weight"] = {{2, 1, 2}, {1.0F, -0.0F, 3.5F, 1e-40F}};
  contents.tensors["bn.num_batches_tracked"] = {{}, {120900.0F}};
  contents.tensors["empty"] = {{0, 4}, {}};
  contents.tensors["scalar"] = {{}, {7.0F}};
  contents.metadata["note"] = "by hand";
  return contents;
}

void expect_same(const Safetensors& a, const Safetensors& b) {
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    const Tensor& other = b.at(name);
    EXPECT_EQ(tensor.shape, other.shape) << name;
    ASSERT_EQ(tensor.values.size(), other.values.size()) << name;
    const std::size_t bytes = tensor.values.size() * sizeof(float);
    EXPECT_TRUE(bytes == 0 || std::memcmp(tensor.values.data(), other.values.data(), bytes) == 0)
        << name;
  }
}

TEST(Safetensors, WhatIsWrittenIsReadBackBitForBit) {
  expect_same(parse(format_safetensors(example_tensors())), example_tensors());
}

TEST(Safetensors, WritingIsDeterministicAndAligned) {
  const std::string bytes = format_safetensors(example_tensors());
  EXPECT_EQ(bytes, format_safetensors(parse(bytes)));
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(bytes.substr(8, 1), "{");
}

// The bytes that the reference implementation (safetensors.numpy.save, 0.8.0) writes for
// {"b": float32 [[1, 2]], "a": float32 3} without metadata.
TEST(Safetensors, BytesAreThoseOfTheReferenceImplementation) {
  Safetensors contents;
  contents.tensors["b"] = {{1, 2}, {1.0F, 2.0F}};
  contents.tensors["a"] = {{}, {3.0F}};
  const std::string header = R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                             R"("b":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  const std::vector<float> data = {3.0F, 1.0F, 2.0F};
  EXPECT_EQ(format_safetensors(contents),
            file_of(header + std::string(padded - header.size(), ' '),
                    {reinterpret_cast<const char*>(data.data()), 12}));
}

TEST(Safetensors, CountersAreWrittenAsWholeNumbersOfEightBytes) {
  Safetensors contents;
  contents.tensors["bn1.num_batches_tracked"] = {{}, {120900.0F}};
  const std::string bytes = format_safetensors(contents);
  EXPECT_NE(bytes.find(R"("dtype":"I64")"), std::string::npos);
  std::int64_t value = 0;
  std::memcpy(&value, bytes.data() + bytes.size() - 8, 8);
  EXPECT_EQ(value, 120900);
  contents.tensors["bn1.num_batches_tracked"].values[0] = 0.5F;
  expect_error(ErrorCode::kInvalidArgument, "0.5", [&] { format_safetensors(contents); });
}

TEST(Safetensors, NanIsReadAsItIs) {
  Safetensors contents;
  contents.tensors["x"] = {{1}, {std::numeric_limits<float>::quiet_NaN()}};
  EXPECT_TRUE(std::isnan(parse(format_safetensors(contents)).at("x").values[0]));
}

TEST(Safetensors, MissingTensorIsNamed) {
  expect_error(ErrorCode::kCorrupt, "'conv9.weight'", [] { example_tensors().at("conv9.weight"); });
}

TEST(Safetensors, MissingFileIsNotFound) {
  expect_error(ErrorCode::kNotFound, "none.safetensors",
               [] { read_safetensors("/nowhere/none.safetensors"); });
}

TEST(Safetensors, OtherTypesAreNamedAsUnsupported) {
  for (const char* dtype : {"BOOL", "I16", "F8_E5M2", "f32", ""}) {
    const std::string header = "{\"x\":" + tensor_json(dtype, "[1]", "[0,2]") + "}";
    expect_error(ErrorCode::kUnsupported, "tensor 'x' has the dtype",
                 [&] { parse(file_of(header, "ab")); });
  }
}

TEST(Safetensors, LengthOfTheHeaderIsChecked) {
  expect_corrupt("too short", "");
  expect_corrupt("too short", "1234567");
  expect_corrupt("ends inside its header", file_of("{}").substr(0, 9));
  std::string huge(8, '\xff');
  expect_corrupt("over the limit of 100000000", huge + "{}");
  const std::uint64_t just_over = 100'000'001;
  std::memcpy(huge.data(), &just_over, 8);
  expect_corrupt("over the limit", huge + std::string(just_over, ' '));
}

TEST(Safetensors, HeaderMustBeOneJsonObject) {
  expect_corrupt("not a JSON object", file_of(""));
  expect_corrupt("not a JSON object", file_of("[]"));
  expect_corrupt("not a JSON object", file_of(" {}"));
  expect_corrupt("not valid JSON", file_of("{\"x\":"));
  expect_corrupt("not valid JSON", file_of("{} {}"));
  expect_corrupt("not valid JSON", file_of("{\"\xff\xfe\":1}"));
  expect_corrupt("nested deeper", file_of("{\"x\":" + std::string(100'000, '[')));
  EXPECT_TRUE(parse(file_of("{}      ")).tensors.empty());
}

TEST(Safetensors, NamesAppearOnce) {
  const std::string tensor = tensor_json("U8", "[1]", "[0,1]");
  expect_corrupt("same key twice", file_of("{\"x\":" + tensor + ",\"x\":" + tensor + "}", "a"));
  expect_corrupt("same key twice", file_of(R"({"__metadata__":{"a":"1","a":"2"}})"));
}

TEST(Safetensors, EntriesHaveExactlyTheirThreeFields) {
  const std::string exactly = "must have exactly";
  expect_corrupt(exactly, file_of(R"({"x":1})"));
  expect_corrupt(exactly, file_of(R"({"x":{"dtype":"U8","shape":[0]}})"));
  expect_corrupt(exactly, file_of(R"({"x":{"dtype":"U8","shape":[0],"offsets":[0,0]}})"));
  expect_corrupt(exactly,
                 file_of(R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}})"));
  expect_corrupt("dtype that is not a string",
                 file_of(R"({"x":{"dtype":5,"shape":[0],"data_offsets":[0,0]}})"));
}

TEST(Safetensors, ShapesAreWholeAndFitTheirBytes) {
  const auto with_shape = [](const std::string& shape, const std::string& offsets) {
    return file_of("{\"x\":" + tensor_json("F32", shape, offsets) + "}", "abcd");
  };
  EXPECT_EQ(parse(with_shape("[1,1]", "[0,4]")).at("x").values.size(), 1U);
  expect_corrupt("must be an array", with_shape("4", "[0,4]"));
  for (const char* size : {"-1", "1.0", "1e0", "\"1\"", "null", "9223372036854775808", "[1]"}) {
    expect_corrupt("whole numbers", with_shape("[" + std::string(size) + "]", "[0,4]"));
  }
  expect_corrupt("needs 8 bytes", with_shape("[2]", "[0,4]"));
  expect_corrupt("needs 0 bytes", with_shape("[0]", "[0,4]"));
  expect_corrupt("more than 2^63", with_shape("[4294967296,4294967296]", "[0,4]"));
  expect_corrupt("more than 2^63", with_shape("[4611686018427387904]", "[0,0]"));
  expect_corrupt("more than 2^63", with_shape("[9223372036854775807,2]", "[0,4]"));
}

TEST(Safetensors, OffsetsTileTheDataWithoutOverlapOrHole) {
  const auto two = [](const std::string& first, const std::string& second,
                      const std::string& data) {
    return file_of("{\"a\":" + tensor_json("U8", "[2]", first) +
                       ",\"b\":" + tensor_json("U8", "[2]", second) + "}",
                   data);
  };
  EXPECT_EQ(parse(two("[2,4]", "[0,2]", "wxyz")).at("a").values[0], static_cast<float>('y'));
  expect_corrupt("overlaps", two("[0,2]", "[1,3]", "wxy"));
  expect_corrupt("overlaps", two("[0,2]", "[0,2]", "wx"));
  expect_corrupt("hole", two("[0,2]", "[3,5]", "vwxyz"));
  expect_corrupt("hole", two("[1,3]", "[3,5]", "vwxyz"));
  expect_corrupt("1 bytes after its tensors", two("[0,2]", "[2,4]", "vwxyz"));
  expect_corrupt("ends at byte 4 of 3", two("[0,2]", "[2,4]", "vwx"));
  expect_corrupt("needs 2 bytes", two("[2,0]", "[2,4]", "wxyz"));
  expect_corrupt("two data_offsets", two("[0]", "[2,4]", "wxyz"));
  expect_corrupt("two data_offsets", two("[0,2,4]", "[2,4]", "wxyz"));
  expect_corrupt("whole numbers", two("[-2,0]", "[2,4]", "wxyz"));
  expect_corrupt("hole", two("[9223372036854775805,9223372036854775807]", "[0,2]", "wx"));
}

TEST(Safetensors, MetadataHoldsStringsOnly) {
  EXPECT_EQ(parse(file_of(R"({"__metadata__":{"a":"b"}})")).metadata.at("a"), "b");
  expect_corrupt("object of strings", file_of(R"({"__metadata__":{"a":1}})"));
  expect_corrupt("object of strings", file_of(R"({"__metadata__":"a"})"));
  expect_corrupt("object of strings",
                 file_of("{\"__metadata__\":" + tensor_json("U8", "[0]", "[0,0]") + "}"));
}

TEST(Safetensors, WriterRefusesWhatAReaderWould) {
  const auto with = [](const std::string& name, const Tensor& tensor) {
    Safetensors contents;
    contents.tensors[name] = tensor;
    return [contents] { format_safetensors(contents); };
  };
  expect_error(ErrorCode::kInvalidArgument, "called", with("__metadata__", {{}, {1.0F}}));
  expect_error(ErrorCode::kInvalidArgument, "called", with("", {{}, {1.0F}}));
  expect_error(ErrorCode::kInvalidArgument, "has 1 values", with("x", {{2}, {1.0F}}));
  expect_error(ErrorCode::kInvalidArgument, "negative", with("x", {{-1}, {}}));
  expect_error(ErrorCode::kInvalidArgument, "UTF-8", with("\xff", {{}, {1.0F}}));
}

TEST(Safetensors, HostileNamesDoNotReachTheSentenceWhole) {
  const std::string name = std::string(5000, 'n') + "\\u0007\\n";
  try {
    parse(file_of("{\"\\n" + name + "\":1}"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_LT(std::strlen(error.what()), 300U);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

// Parses; true if it was valid. Anything but a value or an Error with one of the two codes ends the
// test, and a crash ends the program.
bool is_valid(const std::string& bytes) {
  try {
    const Safetensors contents = parse(bytes);
    for (const auto& [name, tensor] : contents.tensors) {
      EXPECT_EQ(static_cast<std::int64_t>(tensor.values.size()), element_count(tensor.shape));
    }
    return true;
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported)
        << error.what();
    return false;
  }
}

TEST(Safetensors, EveryTruncationIsAnError) {
  const std::string bytes = format_safetensors(example_tensors());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(is_valid(bytes.substr(0, size))) << size;
  }
}

TEST(Safetensors, RandomChangesGiveAnErrorOrAValidFile) {
  constexpr int kFiles = 20'000;
  const std::string original = format_safetensors(example_tensors());
  std::mt19937 random(1);
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  const std::string marks = "{}[]\",:0123456789-eE. \\u";
  int valid = 0;
  for (int i = 0; i < kFiles; ++i) {
    std::string bytes = original;
    for (std::size_t change = 0; change <= below(4); ++change) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = marks[below(marks.size())];
          break;
        case 2:
          bytes.insert(at, 1 + below(9), marks[below(marks.size())]);
          break;
        default:
          bytes.erase(at, 1 + below(9));
          break;
      }
      if (bytes.empty()) bytes = "{";
    }
    valid += is_valid(bytes) ? 1 : 0;
  }
  EXPECT_GT(valid, 0);  // changes within the data are valid: both outcomes were tried
  EXPECT_LT(valid, kFiles);
}

TEST(Safetensors, PublishedFaceBoxesSurvivesTheRoundTrip) {
  SCRIM_NEEDS_TEST_DATA("faceboxes/FaceBoxesProd.safetensors");
  const Safetensors published = read_safetensors(test_data("faceboxes/FaceBoxesProd.safetensors"));
  EXPECT_EQ(published.tensors.size(), 174U);
  std::int64_t counters = 0;
  for (const auto& [name, tensor] : published.tensors) {
    if (!name.ends_with("num_batches_tracked")) continue;
    ++counters;
    EXPECT_TRUE(tensor.shape.empty()) << name;
    EXPECT_THAT(tensor.values, testing::ElementsAre(120900.0F)) << name;
  }
  EXPECT_GT(counters, 0);
  EXPECT_EQ(published.at("conv1.conv.weight").shape, (Shape{24, 3, 7, 7}));

  const TemporaryFolder folder;
  write_safetensors(folder / "copy.safetensors", published);
  expect_same(read_safetensors(folder / "copy.safetensors"), published);
}

}  // namespace
}  // namespace scrim
