#include "noise/marks.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace scrim {
namespace {

Key key_of(std::uint8_t fill) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(fill);
  return Key::from_bytes(bytes);
}

const std::string kRelease(64, 'a');
const std::vector<float> kValues = {0.0F, 1.0F, -1.0F, 0.25F, 7.0F, -9.0F};

InputSample sample() { return {kRelease, {3, 1, 2}, kValues, 8.0F}; }

TEST(InputMark, IsTheSameForTheSameInputUpToItsRounding) {
  std::vector<float> near = kValues;
  near[1] += 1e-4F;  // far below 1/128
  InputSample again = sample();
  again.values = near;
  EXPECT_EQ(input_mark(key_of(1), sample()), input_mark(key_of(1), again));
}

TEST(InputMark, DependsOnEachPartOfTheInput) {
  const std::string other_release(64, 'b');
  std::vector<float> other = kValues;
  other[3] = 0.5F;
  std::vector<InputSample> samples(4, sample());
  samples[1].release_id = other_release;
  samples[2].shape = {3, 2, 1};
  samples[3].values = other;
  std::set<Mark> marks;
  for (const InputSample& each : samples) marks.insert(input_mark(key_of(1), each));
  marks.insert(input_mark(key_of(2), sample()));
  EXPECT_EQ(marks.size(), 5U);
}

TEST(Marks, OfDifferentKindsNeverMeet) {
  const Nonce nonce = {'c', 'a', 'm'};
  const std::string same(nonce.begin(), nonce.end());
  EXPECT_NE(source_mark(key_of(1), same), draw_mark(key_of(1), nonce));
  EXPECT_NE(source_mark(key_of(1), "camera-1"), source_mark(key_of(1), "camera-2"));
  EXPECT_NE(source_mark(key_of(1), "camera-1"), source_mark(key_of(2), "camera-1"));
  EXPECT_EQ(draw_mark(key_of(1), nonce), draw_mark(key_of(1), nonce));
}

}  // namespace
}  // namespace scrim
