#include "network/encoder.h"

#include "network/run_script.h"
#include "support/expect_error.h"
#include "support/moved_encoder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// Folding batch normalisation reorders float sums of 9 x 16 terms, twice: relative 1e-5.
double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>() / std::max(1.0, b.abs().max().item<double>());
}

TEST(Encoder, StartsAsTheIdentity) {
  Encoder encoder(16, 1);
  const auto z = torch::randn({2, 16, 5, 7});
  EXPECT_TRUE(encoder(z).equal(z));
  encoder->eval();
  EXPECT_TRUE(encoder(z).equal(z));
}

TEST(Encoder, WeightsDependOnTheSeedAlone) {
  torch::manual_seed(1);
  const Encoder one(16, 7);
  torch::manual_seed(2);
  const Encoder two(16, 7);
  const Encoder other(16, 8);
  const auto weight = [](const Encoder& encoder) { return encoder->narrow->conv->weight; };
  EXPECT_TRUE(weight(one).equal(weight(two)));
  EXPECT_FALSE(weight(one).equal(weight(other)));
  // He initialisation of 9 x 16 inputs; 1,152 draws: five standard errors of a deviation are 10 %.
  const double expected = std::sqrt(2.0 / (9 * 16));
  EXPECT_NEAR(weight(one).std().item<double>(), expected, 0.1 * expected);
}

TEST(Encoder, ScriptIsTheModuleInInferenceMode) {
  const torch::NoGradGuard no_grad;
  Encoder encoder = moved_encoder(16);
  const auto z = torch::randn({2, 16, 6, 9});
  const auto expected = encoder(z);
  EXPECT_GT((expected - z).abs().mean().item<double>(), 0.05);
  const torch::jit::Module script = script_encoder(encoder);
  EXPECT_LE(largest_difference(torch::jit::Module(script).forward({z}).toTensor(), expected), 1e-5);
  EXPECT_LE(largest_difference(prepared_script(script, "the encoder")(z).at(0), expected), 1e-5);
}

TEST(Encoder, WithoutOneTheScriptIsLeftAsItIs) {
  ScriptWriter writer("Nothing");
  EXPECT_EQ(encoded(writer, "x", nullptr), "x");
}

TEST(Encoder, OddChannelsAreRefused) {
  expect_error(ErrorCode::kInvalidArgument, "even number of channels", [] { Encoder(7, 1); });
}

}  // namespace
}  // namespace scrim
