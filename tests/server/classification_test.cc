#include "server/classification.h"

#include "protocol/expect_request_error.h"
#include "protocol/string_tensor.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

std::vector<std::string> strings_of(const TensorMessage& message) {
  std::vector<std::string> strings;
  std::string_view rest = message.bytes.view();
  while (const auto element = take_string(rest)) strings.emplace_back(*element);
  EXPECT_TRUE(rest.empty());
  return strings;
}

using Strings = std::vector<std::string>;

TEST(Classification, TheLargestOfEachRowComeFirst) {
  const auto output = tensor<float>("Y", Datatype::kFp32, {2, 3}, {1, 9, 3, 7, 5, 6});
  const TensorMessage result = classified(output, 2, true, {});
  EXPECT_EQ(result.datatype, Datatype::kBytes);
  EXPECT_EQ(result.shape, std::vector<std::int64_t>({2, 2}));
  EXPECT_EQ(strings_of(result), Strings({"9.000000:1", "3.000000:2", "7.000000:0", "6.000000:2"}));
}

TEST(Classification, LabelsFollowWhereThereAreSome) {
  const auto output = tensor<std::int32_t>("Y", Datatype::kInt32, {3}, {4, 8, 6});
  const TensorMessage result = classified(output, 3, false, {"cat", "dog"});
  EXPECT_EQ(result.shape, std::vector<std::int64_t>({3}));
  EXPECT_EQ(strings_of(result), Strings({"8:1:dog", "6:2", "4:0:cat"}));
}

TEST(Classification, MoreClassesThanValuesAreAsManyAsThereAre) {
  const auto output = tensor<float>("Y", Datatype::kFp32, {1, 2}, {1, 2});
  EXPECT_EQ(classified(output, 9, true, {}).shape, std::vector<std::int64_t>({1, 2}));
}

TEST(Classification, EqualValuesKeepTheirOrderAndNotANumberIsLast) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto output = tensor<float>("Y", Datatype::kFp32, {1, 4}, {nan, 5, 5, -1});
  const Strings strings = strings_of(classified(output, 4, true, {}));
  EXPECT_EQ(strings[0], "5.000000:1");
  EXPECT_EQ(strings[1], "5.000000:2");
  EXPECT_EQ(strings[2], "-1.000000:3");
  EXPECT_EQ(strings[3].substr(strings[3].find(':')), ":0");
}

TEST(Classification, WhatHasNoOrderAndWhatIsTooMuchIsRefused) {
  TensorMessage strings;
  strings.datatype = Datatype::kBytes;
  expect_request_error(RequestFault::kInvalid, "unsupported type 'BYTES'",
                       [&] { classified(strings, 1, false, {}); });
  const auto many =
      tensor("Y", Datatype::kUint8, {1'000'001}, std::vector<std::uint8_t>(1'000'001));
  expect_request_error(RequestFault::kInvalid, "too large",
                       [&] { classified(many, 1'000'001, false, {}); });
}

}  // namespace
}  // namespace scrim
