#include "learn/encoded.h"

#include "learn/calibration.h"
#include "learn/learned_code.h"
#include "learn/subjects.h"
#include "network/script_file.h"
#include "network/small_classifier.h"
#include "noise/contract.h"
#include "support/moved_encoder.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr std::int64_t kEncodedChannels = 10;
constexpr std::int64_t kDirections = 6;
constexpr auto kBoth = {Objective::kLinear, Objective::kCoded};

// Correlated channels whose mean is not zero.
torch::Tensor activation_of(std::int64_t batch, std::uint64_t seed) {
  torch::manual_seed(3);
  const auto mix = torch::randn({kEncodedChannels, kEncodedChannels, 1, 1});
  torch::manual_seed(seed);
  return torch::conv2d(torch::randn({batch, kEncodedChannels, 20, 30}), mix) + 1;
}

Code fisher_code() {
  Moments activation, gradient;
  activation.add(activation_of(10, 1));
  torch::manual_seed(2);
  const auto weights =
      torch::arange(1, kEncodedChannels + 1).to(torch::kFloat32).view({1, -1, 1, 1});
  gradient.add(torch::randn({1, kEncodedChannels, 20, 20}) * weights);
  return closed_form_code(activation, gradient, Objective::kFisher);
}

std::unique_ptr<Obfuscator> with(Objective objective, Encoder encoder) {
  return encoded_obfuscator(learned_obfuscator(fisher_code(), objective, kDirections, 8),
                            std::move(encoder));
}

// Steps along random gradients, as an optimizer would take them, on one batch after the other.
void disturb_encoder(Obfuscator& obfuscator) {
  const torch::NoGradGuard no_grad;
  obfuscator.train(true);
  for (int step = 0; step < 20; ++step) {
    obfuscator(activation_of(4, 100 + step), torch::full({4}, 0.7, torch::kFloat64), 1);
    torch::manual_seed(200 + step);
    for (const auto& group : obfuscator.parameters()) {
      for (torch::Tensor tensor : group.tensors) tensor.add_(torch::randn_like(tensor) * 0.02);
    }
    obfuscator.after_step(step);
  }
  obfuscator.train(false);
}

torch::Tensor variances(const torch::Tensor& y) { return y.var({0, 2, 3}, /*unbiased=*/false); }

// 2,400 cells summed in float32.
constexpr double kOfABatch = 1e-4;

TEST(Encoded, StartsAsTheCodeWithoutAnEncoder) {
  const auto z = activation_of(3, 4);
  const auto alphas = torch::tensor({0.2, 0.6, 0.9}, torch::kFloat64);
  for (const auto objective : kBoth) {
    const auto plain = learned_obfuscator(fisher_code(), objective, kDirections, 8);
    const auto encoded = with(objective, Encoder(kEncodedChannels, 1));
    EXPECT_TRUE(torch::allclose((*encoded)(z, alphas, 7), (*plain)(z, alphas, 7), 1e-4, 1e-4));
    EXPECT_EQ(encoded->snr(0.6), plain->snr(0.6));
  }
}

// Whatever the encoder does, growing included, a direction has the variance that the noise counts
// on.
TEST(Encoded, VarianceIsOneInEveryBatchOfTraining) {
  for (const auto objective : kBoth) {
    const auto obfuscator = with(objective, moved_encoder(kEncodedChannels, 30));
    obfuscator->train(true);
    const auto y = obfuscator->directions(activation_of(4, 5));
    EXPECT_LE((variances(y) - 1).abs().max().item<double>(), kOfABatch);
    EXPECT_LE(y.mean({0, 2, 3}).abs().max().item<double>(), kOfABatch);
  }
}

TEST(Encoded, RunningStatisticsFollowTheEncoder) {
  const auto obfuscator = with(Objective::kCoded, moved_encoder(kEncodedChannels, 3));
  const torch::NoGradGuard no_grad;
  obfuscator->train(true);
  for (int step = 0; step < 60; ++step) obfuscator->directions(activation_of(4, 300 + step));
  obfuscator->train(false);
  // .9^60 of the start is left; the average of some ten batches of 2,400 cells is known to 1 %, and
  // the batch norm inside stands at its own running average.
  const auto y = obfuscator->directions(activation_of(10, 6));
  EXPECT_LE((variances(y) - 1).abs().max().item<double>(), 0.1);
}

TEST(Encoded, CalibratedCodeHasVarianceOneExactlyAndTheBitsOfAlpha) {
  for (const auto objective : kBoth) {
    const auto obfuscator = with(objective, Encoder(kEncodedChannels, 1));
    disturb_encoder(*obfuscator);
    const torch::NoGradGuard no_grad;
    const auto pictures = activation_of(8, 7);
    Moments encoded;
    encoded.add(obfuscator->encoded(pictures));
    obfuscator->calibrate(encoded);
    const Code code = obfuscator->code();
    const auto kept = (code.basis.mm(encoded.covariance()) * code.basis).sum(1);
    // 1e-8 is added to a variance before its root.
    EXPECT_LE((kept - 1).abs().max().item<double>(), 1e-6);
    EXPECT_TRUE(torch::allclose(code.mean, encoded.mean()));
    EXPECT_LE((variances(obfuscator->directions(pictures)) - 1).abs().max().item<double>(),
              kOfABatch);
    for (const double alpha : {0.3, 0.8, 0.985}) {
      EXPECT_NEAR(alpha_of(obfuscator->snr(alpha), kEncodedChannels), alpha, 1e-9);
    }
  }
}

// What a release applies, from the numbers that it holds, is what training did.
TEST(Encoded, CodeIsWhatIsAppliedWithoutNoise) {
  const auto obfuscator = with(Objective::kCoded, moved_encoder(kEncodedChannels));
  disturb_encoder(*obfuscator);
  const torch::NoGradGuard no_grad;
  const auto z = activation_of(2, 8);
  const Code code = obfuscator->code();
  const auto cells = [](const torch::Tensor& x) {
    return x.permute({0, 2, 3, 1}).reshape({-1, x.size(1)}).to(torch::kFloat64);
  };
  const auto y = (cells(obfuscator->encoded(z)) - code.mean).mm(code.basis.t());
  EXPECT_TRUE(torch::allclose(cells(obfuscator->directions(z)), y, 1e-4, 1e-4));
  constexpr double kAlpha = 0.3;
  const auto snr = torch::tensor(obfuscator->snr(kAlpha), torch::kFloat64);
  const auto gain = snr / (1 + snr);
  const auto decoded = code.mean + code.offset + (gain * y.clamp(-8, 8)).mm(code.decode.t());
  const auto noise =
      cells((*obfuscator)(z, torch::full({2}, kAlpha, torch::kFloat64), 1)) - decoded;
  // Of each channel over 1,200 cells: six standard errors of a mean, and of a deviation.
  const auto deviation = (code.decode * gain * snr.rsqrt()).norm(2, {1});
  const double error = 6 / std::sqrt(1200.0);
  EXPECT_LE((noise.mean(0) / deviation).abs().max().item<double>(), error);
  EXPECT_LE((noise.std(0) / deviation - 1).abs().max().item<double>(), error);
}

TEST(Encoded, EveryPartTakesAGradient) {
  for (const auto objective : kBoth) {
    const auto obfuscator = with(objective, moved_encoder(kEncodedChannels));
    obfuscator->train(true);
    const auto z = activation_of(3, 9);
    ((*obfuscator)(z, torch::tensor({0.3, 0.6, 0.9}, torch::kFloat64), 7) - z)
        .square()
        .mean()
        .backward();
    EXPECT_EQ(obfuscator->parameters().size(), objective == Objective::kCoded ? 4U : 3U);
    for (const auto& group : obfuscator->parameters()) {
      for (const auto& tensor : group.tensors) {
        ASSERT_TRUE(tensor.grad().defined());
        EXPECT_GT(tensor.grad().abs().sum().item<double>(), 0);
      }
    }
  }
}

TEST(Encoded, ExportedHeadGivesTheDirectionsOfTheGraph) {
  const TemporaryFolder folder;
  torch::manual_seed(3);
  write_safetensors(folder / "c.safetensors", weights_of(SmallClassifier(4)));
  const auto subject = open_small_classifier(folder / "c.safetensors", "conv4");
  const torch::NoGradGuard no_grad;
  const auto input = torch::randn({2, 3, 64, 64});
  const auto z = subject->middle(subject->trunk(input));
  Moments moments;
  moments.add(z);
  const Code start = closed_form_code(moments, moments, Objective::kFisher);
  const auto obfuscator = encoded_obfuscator(
      learned_obfuscator(start, Objective::kCoded, kDirections, 8), moved_encoder(64));
  Moments encoded;
  encoded.add(obfuscator->encoded(z));
  obfuscator->calibrate(encoded);
  const NoiseParameters noise =
      noise_parameters(obfuscator->code(), {0.5}, {obfuscator->snr(0.5)}, 8);
  subject->export_head(noise, folder / "head.pt", obfuscator->encoder());
  const auto y = load_script(folder / "head.pt").forward({input}).toTensor();
  const auto expected = obfuscator->directions(z);
  // Folded batch norms and a basis rounded to float32: 1e-5 of the largest of the sums of 64 terms
  // that a direction is the difference of.
  const double terms =
      (obfuscator->code().basis.abs().sum(1).max() * z.abs().max().item<double>()).item<double>();
  EXPECT_LE((y - expected).abs().max().item<double>(), 1e-5 * terms);
  EXPECT_LE((variances(y) - 1).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace scrim
