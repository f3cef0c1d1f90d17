#include "learn/learned_code.h"

#include "noise/contract.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr std::int64_t kLearnedChannels = 10;

// A correlated activation whose task looks along some channels more than others.
struct LearnedCodeFixture {
  LearnedCodeFixture() {
    torch::manual_seed(3);
    const auto mix = torch::randn({kLearnedChannels, kLearnedChannels});
    activation.add((torch::randn({6000, kLearnedChannels}).mm(mix) + 1)
                       .t()
                       .contiguous()
                       .view({1, kLearnedChannels, 60, 100}));
    Moments gradient;
    const auto weights = torch::arange(1, kLearnedChannels + 1).to(torch::kFloat32);
    gradient.add((torch::randn({400, kLearnedChannels}) * weights)
                     .t()
                     .contiguous()
                     .view({1, kLearnedChannels, 20, 20}));
    fisher = closed_form_code(activation, gradient, Objective::kFisher);
  }
  Moments activation;
  Code fisher;
};

// A few steps along random gradients, as an optimizer would take them.
void disturb(Obfuscator& obfuscator, double length) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(9);
  for (const auto& group : obfuscator.parameters()) {
    for (torch::Tensor tensor : group.tensors) tensor.add_(torch::randn_like(tensor) * length);
  }
  obfuscator.after_step(9);
}

TEST(PolarFactor, AgreesWithTheTestVector) {
  const auto factor = polar_factor(torch::tensor({{1.0, 0.3}, {-0.2, 0.9}}, torch::kFloat64));
  const auto expected = torch::tensor(
      {{.96707453726265, .25449329927964}, {-.25449329927964, .96707453726265}}, torch::kFloat64);
  EXPECT_LT((factor - expected).abs().max().item<double>(), 1e-12);
}

TEST(LearnedCode, StartsAsTheFisherCode) {
  const LearnedCodeFixture f;
  for (const auto objective : {Objective::kLinear, Objective::kCoded}) {
    const Code code = learned_obfuscator(f.fisher, objective, 6, 8)->code();
    EXPECT_TRUE(torch::allclose(code.basis, f.fisher.basis.narrow(0, 0, 6), 0, 1e-6));
    EXPECT_TRUE(torch::allclose(code.decode, f.fisher.decode.narrow(1, 0, 6), 0, 1e-5));
  }
}

// Whatever the optimizer does: variance 1 in every direction, and the bits of alpha.
TEST(LearnedCode, AlphaStaysExactAfterSteps) {
  const LearnedCodeFixture f;
  for (const auto objective : {Objective::kLinear, Objective::kCoded}) {
    const auto obfuscator = learned_obfuscator(f.fisher, objective, 6, 8);
    disturb(*obfuscator, 0.05);
    const Code code = obfuscator->code();
    const auto covariance = code.basis.mm(f.activation.covariance()).mm(code.basis.t());
    EXPECT_TRUE(torch::allclose(covariance.diagonal(), torch::ones(6, torch::kFloat64), 0, 1e-6));
    for (const double alpha : {0.3, 0.5, 0.8, 0.95, 0.985}) {
      EXPECT_NEAR(alpha_of(obfuscator->snr(alpha), kLearnedChannels), alpha, 1e-9);
    }
  }
}

TEST(LearnedCode, RotationKeepsDirectionsUncorrelated) {
  const LearnedCodeFixture f;
  const auto obfuscator = learned_obfuscator(f.fisher, Objective::kLinear, 6, 8);
  disturb(*obfuscator, 0.05);
  const Code code = obfuscator->code();
  const auto covariance = code.basis.mm(f.activation.covariance()).mm(code.basis.t());
  // Six Newton-Schulz steps from a distance of .05 end far below this.
  EXPECT_TRUE(torch::allclose(covariance, torch::eye(6, torch::kFloat64), 0, 1e-6));
  EXPECT_TRUE(torch::allclose(code.basis.mm(code.decode), torch::eye(6, torch::kFloat64), 0, 1e-6));
}

TEST(LearnedCode, CapRaisesTheTrueAlpha) {
  const LearnedCodeFixture f;
  const auto obfuscator = learned_obfuscator(f.fisher, Objective::kCoded, 1, 8);
  const auto snr = obfuscator->snr(0.05);
  ASSERT_EQ(snr.size(), 1U);
  EXPECT_EQ(snr.front(), kSnrCap);
  EXPECT_GT(alpha_of(snr, kLearnedChannels), 0.05);
}

TEST(LearnedCode, EveryPartTakesAGradient) {
  const LearnedCodeFixture f;
  for (const auto objective : {Objective::kLinear, Objective::kCoded}) {
    const auto obfuscator = learned_obfuscator(f.fisher, objective, 4, 8);
    const auto z = torch::randn({3, kLearnedChannels, 4, 4});
    const auto alphas = torch::tensor({0.3, 0.6, 0.9}, torch::kFloat64);
    ((*obfuscator)(z, alphas, 7) - z).square().mean().backward();
    for (const auto& group : obfuscator->parameters()) {
      for (const auto& tensor : group.tensors) {
        ASSERT_TRUE(tensor.grad().defined());
        EXPECT_GT(tensor.grad().abs().sum().item<double>(), 0);
      }
    }
  }
}

TEST(LearnedCode, MoreDirectionsThanThereAreAreRefused) {
  const LearnedCodeFixture f;
  expect_error(ErrorCode::kInvalidArgument, "directions must be in 1..10",
               [&] { learned_obfuscator(f.fisher, Objective::kCoded, 11, 8); });
}

}  // namespace
}  // namespace scrim
