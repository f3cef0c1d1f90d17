#include "noise/ledger.h"

#include "noise/contract.h"
#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace scrim {
namespace {

AccountRecord ledger_record(std::uint8_t input, double alpha = 0.8, std::uint8_t draw = 0) {
  AccountRecord made{{}, {}, alpha};
  made.input.fill(input);
  made.draw.fill(draw);
  return made;
}

Mark mark(std::uint8_t input) { return ledger_record(input).input; }

// What a float32 sigma leaves of an alpha.
constexpr double kFloat = 1e-6;

NoiseParameters exact_noise() {
  NoiseParameters noise = tiny_noise();
  noise.held_out_variance = {1.0F, 1.0F, 1.0F};
  return noise;
}

TEST(Ledger, NothingReleasedIsAlphaOne) {
  const Ledger ledger(exact_noise());
  EXPECT_EQ(ledger.spent(mark(1)).releases, 0);
  EXPECT_EQ(ledger.spent(mark(1)).alpha, 1.0);
  EXPECT_EQ(ledger.most_spent().releases, 0);
}

TEST(Ledger, RepeatsOfOneInputFollowTheGeneralForm) {
  Ledger ledger(exact_noise());
  const std::vector<double> snr(3, std::pow(0.8, -4.0 / 3.0) - 1.0);
  for (int n = 1; n <= 20; ++n) {
    ledger.add(ledger_record(1));
    ledger.add(ledger_record(2, 0.95));
    EXPECT_EQ(ledger.spent(mark(1)).releases, n);
    EXPECT_NEAR(ledger.spent(mark(1)).alpha, alpha_after_repeats(snr, 4, n), kFloat);
  }
  EXPECT_EQ(ledger.releases(), 40);
  EXPECT_EQ(ledger.most_spent().alpha, ledger.spent(mark(1)).alpha);
}

TEST(Ledger, EqualRatiosInAllChannelsGiveTheClosedForm) {
  // K = N: alpha_n = alpha / (alpha + n (1 - alpha)), the reference's (.95, 19) -> .5.
  NoiseParameters noise;
  noise.channels = noise.directions = 4;
  noise.alphas = {0.95};
  noise.scale = {{1, 1, 1, 1}};
  noise.sigma = {std::vector<float>(4, static_cast<float>(std::sqrt(0.95 / 0.05)))};
  Ledger ledger(noise);
  for (int n = 0; n < 19; ++n) ledger.add(ledger_record(1, 0.95));
  EXPECT_NEAR(ledger.spent(mark(1)).alpha, 0.5, kFloat);
}

TEST(Ledger, ReleasesAtSeveralAlphasAddTheirRatios) {
  Ledger ledger(exact_noise());
  std::vector<double> total(3, 0.0);
  for (const double alpha : {0.5, 0.8, 0.8, 0.95}) {
    ledger.add(ledger_record(1, alpha));
    for (double& ratio : total) ratio += std::pow(alpha, -4.0 / 3.0) - 1.0;
  }
  EXPECT_NEAR(ledger.spent(mark(1)).alpha, alpha_of(total, 4), kFloat);
}

TEST(Ledger, HeldOutVariancesCanOnlyLowerAlpha) {
  NoiseParameters wide = tiny_noise();
  wide.held_out_variance = {1.05F, 1.05F, 1.05F};
  NoiseParameters narrow = tiny_noise();
  narrow.held_out_variance = {0.5F, 0.5F, 0.5F};
  Ledger of_wide(wide), of_narrow(narrow), of_exact(exact_noise());
  for (Ledger* ledger : {&of_wide, &of_narrow, &of_exact}) ledger->add(ledger_record(1));
  EXPECT_LT(of_wide.spent(mark(1)).alpha, of_exact.spent(mark(1)).alpha);
  EXPECT_EQ(of_narrow.spent(mark(1)).alpha, of_exact.spent(mark(1)).alpha);
}

TEST(Ledger, ALostRecordCountsForEveryInputAtTheLowestAlpha) {
  Ledger ledger(exact_noise());
  ledger.add(ledger_record(1, 0.95));
  ledger.add({kEveryInput, {}, 0.0});
  EXPECT_EQ(ledger.spent(mark(1)).releases, 2);
  EXPECT_EQ(ledger.spent(mark(9)).releases, 1);
  EXPECT_NEAR(ledger.spent(mark(9)).alpha, 0.5, kFloat);
  EXPECT_LT(ledger.spent(mark(1)).alpha, ledger.spent(mark(9)).alpha);
}

TEST(Ledger, KnowsADrawOfAnInputAndNoFreshOne) {
  Ledger ledger(exact_noise());
  ledger.add(ledger_record(1, 0.8, 7));
  ledger.add(ledger_record(2));
  EXPECT_TRUE(ledger.holds(ledger_record(1, 0.8, 7)));
  EXPECT_FALSE(ledger.holds(ledger_record(1, 0.8, 8)));
  EXPECT_FALSE(ledger.holds(ledger_record(2, 0.8, 7))) << "the draw of another input";
  EXPECT_FALSE(ledger.holds(ledger_record(2))) << "a fresh draw is always another";
}

TEST(Ledger, LookingAheadIsAdding) {
  Ledger ledger(exact_noise());
  ledger.add(ledger_record(1));
  const std::vector<AccountRecord> further = {ledger_record(1, 0.5), ledger_record(2),
                                              ledger_record(1, 0.95)};
  const Spent ahead = ledger.spent_with(mark(1), further);
  EXPECT_EQ(ledger.spent(mark(1)).releases, 1);
  for (const AccountRecord& each : further) ledger.add(each);
  EXPECT_EQ(ahead.releases, 3);
  EXPECT_EQ(ahead.alpha, ledger.spent(mark(1)).alpha);
}

TEST(Ledger, AlphaNeverRisesWhateverIsAdded) {
  std::mt19937 random(3);
  const std::vector<double> alphas = {0.5, 0.8, 0.95};
  Ledger ledger(tiny_noise());
  std::vector<double> before(5, 1.0);
  for (int i = 0; i < 300; ++i) {
    ledger.add(ledger_record(static_cast<std::uint8_t>(1 + random() % 4), alphas[random() % 3]));
    for (std::uint8_t input = 1; input < 5; ++input) {
      const double alpha = ledger.spent(mark(input)).alpha;
      EXPECT_LE(alpha, before[input]);
      EXPECT_GE(alpha, ledger.most_spent().alpha);
      before[input] = alpha;
    }
  }
}

TEST(Ledger, AnAlphaOfAnotherReleaseIsCorrupt) {
  Ledger ledger(exact_noise());
  expect_error(ErrorCode::kCorrupt, "alpha 0.7", [&] { ledger.add(ledger_record(1, 0.7)); });
}

}  // namespace
}  // namespace scrim
