#include "protocol/number_array.h"

#include "protocol/float_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <random>
#include <string>

namespace scrim {
namespace {

std::vector<double> values_of(const std::string& text) {
  const auto array = read_numbers(text);
  return array ? array->values : std::vector<double>{};
}

TEST(NumberArray, NumbersUpToTheBracketAreRead) {
  const auto array = read_numbers("1, -2.5 ,\n0.125e3,\t-0 ]}, [3]");
  ASSERT_TRUE(array);
  EXPECT_EQ(array->values, (std::vector<double>{1, -2.5, 125, 0}));
  EXPECT_FALSE(std::signbit(array->values.back()));  // as the reader of other values takes it
  EXPECT_FALSE(array->integers);
  EXPECT_EQ(array->length, 22U);
  EXPECT_TRUE(std::signbit(values_of("-0.0]").at(0)));
}

TEST(NumberArray, IntegersAreToldApart) {
  EXPECT_TRUE(read_numbers("1,-20,300]")->integers);
  EXPECT_FALSE(read_numbers("1,2.0]")->integers);
  EXPECT_FALSE(read_numbers("1e2]")->integers);
  EXPECT_EQ(values_of("-999999999999999]").at(0), -999999999999999.0);
}

TEST(NumberArray, RoomIsMadeForTheArrayAndNotForWhatFollows) {
  const auto array = read_numbers("1,2]" + std::string(1 << 20, ' '));
  ASSERT_TRUE(array);
  EXPECT_LE(array->values.capacity(), 4U);
}

TEST(NumberArray, OtherTextIsLeftToTheParser) {
  for (const char* text : {"",
                           "]",
                           "1",
                           "1,",
                           "1,]",
                           ",1]",
                           "1 2]",
                           "01]",
                           "-]",
                           "-01]",
                           "1.]",
                           ".5]",
                           "1.e3]",
                           "1e]",
                           "1e+]",
                           "+1]",
                           "0x1]",
                           "NaN]",
                           "Infinity]",
                           "1,null]",
                           "1,[2]]",
                           "\"1\"]",
                           "1e999]",
                           "1e-999]",
                           "1234567890123456]",
                           "12345678901234567890]",
                           "1}",
                           "1,\v2]"}) {
    EXPECT_FALSE(read_numbers(text)) << text;
  }
}

TEST(NumberArray, EveryNumberIsTheNearestDouble) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    char text[64];
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value) || std::abs(value) < 1e-300) continue;
    const auto narrow = static_cast<float>(static_cast<double>(random()) / 1e19 - 0.7);
    for (const double number : {value, static_cast<double>(narrow), value * 1e-300 * 1e-5}) {
      char* end = std::to_chars(text, text + 40, number).ptr;
      if (std::string_view(text, end).find_first_of(".e") == std::string_view::npos) continue;
      *end++ = ']';
      double wanted = 0;
      if (std::from_chars(text, end, wanted).ec != std::errc()) continue;
      const auto found = values_of({text, end});
      ASSERT_EQ(found.size(), 1U) << std::string(text, end);
      EXPECT_EQ(std::bit_cast<std::uint64_t>(found[0]), std::bit_cast<std::uint64_t>(wanted))
          << std::string(text, end);
    }
  }
}

// Among others a number is read in another way than at either end of its text.
TEST(NumberArray, TheSameIsReadAmongOthersAsAlone) {
  const std::string others = "0.5,-12.25,3,0.125,1.5,", behind = ",-0.5, 7.25,0.0625,1e2,9.5]";
  constexpr std::string_view kCharacters = "0123456789012345678900...---eE+ \n[x\x80\xAE";
  std::mt19937 random(8);
  std::size_t read = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    if (i % 2 == 0) text = std::to_string(random() % 2000) + "." + std::to_string(random());
    while (text.size() < random() % 16) text += kCharacters[random() % kCharacters.size()];
    if (i % 3 == 0 && !text.empty())
      text[random() % text.size()] = kCharacters[random() % kCharacters.size()];
    if (i % 5 == 0) text.insert(0, "-");
    const auto alone = read_numbers(text + "]");
    const auto among = read_numbers(others + text + behind);
    ASSERT_EQ(among.has_value(), alone.has_value()) << text;
    if (!alone) continue;
    ++read;
    ASSERT_EQ(among->values.size(), 11U) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(among->values[5]),
              std::bit_cast<std::uint64_t>(alone->values[0]))
        << text;
    EXPECT_EQ(among->values[6], -0.5) << text;
  }
  EXPECT_GT(read, 100'000U);
}

TEST(NumberArray, APointAmongIntegersIsSeen) {
  EXPECT_TRUE(read_numbers("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]")->integers);
  EXPECT_FALSE(read_numbers("1,2,3,4,5,6,7,8,9,10,11,12.0,13,14,15,16,17,18]")->integers);
}

// The numbers that a client sends: every 4001st float, of those that are numbers.
TEST(NumberArray, FloatsOfAllMagnitudesReadBackAsThemselves) {
  std::string text;
  std::vector<float> values;
  for (std::uint64_t bits = 1; bits < std::uint64_t{1} << 32; bits += 4001) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!std::isfinite(value)) continue;
    char one[kFloatTextBytes];
    text.append(one, write_float(value, one)).append(",");
    values.push_back(value);
  }
  text.back() = ']';
  const auto found = read_numbers(text);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->values.size(), values.size());
  std::size_t others = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    others += std::bit_cast<std::uint32_t>(static_cast<float>(found->values[i])) ==
                      std::bit_cast<std::uint32_t>(values[i])
                  ? 0
                  : 1;
  }
  EXPECT_EQ(others, 0U);
}

// Where blocks of eight digits begin and end.
TEST(NumberArray, AnyNumberOfDigitsIsRead) {
  for (std::size_t whole = 1; whole <= 25; ++whole) {
    for (std::size_t behind = 1; behind <= 25; ++behind) {
      const std::string text = std::string("1234567891234567891234567").substr(0, whole) + "." +
                               std::string("9876543219876543219876543").substr(0, behind);
      std::string twice = text;
      twice.append(",").append(text).append("]");
      const auto found = values_of(twice);
      ASSERT_EQ(found.size(), 2U) << text;
      EXPECT_EQ(found[0], std::stod(text)) << text;
      EXPECT_EQ(found[1], std::stod(text)) << text;
    }
  }
}

}  // namespace
}  // namespace scrim
