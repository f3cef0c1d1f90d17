#include <scrim/audit.h>

#include "support/expect_error.h"
#include "support/untrained_release.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

// A detector with random weights, drawn pictures, and attackers that hardly train: nothing here
// says how good an attack is, only that the audit is whole and says of itself what it is worth.
class AuditTest : public ::testing::Test {
 protected:
  AuditTest() : release_(untrained_release(folder_, FaceBoxes(), "inception1")) {
    generate_faces(folder_ / "drawn", {.pictures = 8, .width = 96, .height = 96});
    options_.decoder_steps = 2;
    options_.threads = 1;
    options_.examples = 1;
  }

  TemporaryFolder folder_;
  Release release_;
  AuditOptions options_;
};

TEST_F(AuditTest, MeasuresEveryAttackerWithAndWithoutNoiseAndRepeatsItself) {
  const Dataset drawn = Dataset::open(folder_ / "drawn");
  const AuditResult one = audit(release_, drawn, options_);
  ASSERT_EQ(one.capacity.size(), 2U);
  int releases = 0, without = 0, alone = 0, shallow = 0;
  for (const AttackRow& row : one.attacks) {
    EXPECT_TRUE(std::isfinite(row.unexplained_variance.value)) << row.attacker;
    releases += row.seen == Seen::kRelease;
    without += row.seen == Seen::kNoNoise;
    alone += row.seen == Seen::kNoiseOnly;
    shallow += row.seen == Seen::kShallow;
  }
  // Linear, decoder and search at two alphas, averages of 2 to 64 draws.
  EXPECT_EQ(releases, 3 * 2 + 4);
  EXPECT_EQ(without, 3);
  EXPECT_EQ(alone, 3);
  EXPECT_EQ(shallow, 3);
  ASSERT_EQ(one.examples.size(), 1U);
  EXPECT_EQ(one.examples[0].from_noisy.size(), 2U);
  EXPECT_FALSE(one.skipped.empty());  // re-identification, for want of a recogniser

  const AuditResult again = audit(release_, drawn, options_);
  EXPECT_FALSE(one.decoder.empty());
  EXPECT_EQ(one.decoder, again.decoder);
  for (std::size_t i = 0; i < one.attacks.size(); ++i) {
    EXPECT_EQ(one.attacks[i].unexplained_variance.value,
              again.attacks[i].unexplained_variance.value)
        << i;
  }
}

TEST_F(AuditTest, RefusesAnAlphaThatTheReleaseDoesNotHave) {
  options_.alphas = {0.7};
  expect_error(ErrorCode::kInvalidArgument, "0.7",
               [&] { audit(release_, Dataset::open(folder_ / "drawn"), options_); });
  options_.alphas = {1.5};
  expect_error(ErrorCode::kInvalidArgument, "1.5", [&] { options_.validate(); });
}

TEST_F(AuditTest, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();
  options_.stop = stop.get_token();
  expect_error(ErrorCode::kUnavailable, "stopped",
               [&] { audit(release_, Dataset::open(folder_ / "drawn"), options_); });
}

}  // namespace
}  // namespace scrim
