#include "audit/observations.h"

#include "base/check.h"
#include "base/random.h"

#include <scrim/noise.h>

#include <torch/types.h>

#include <array>
#include <optional>

namespace scrim {
namespace {

constexpr std::uint64_t kKeyPurpose = 61, kMeasurePurpose = 62;

Key key_of(std::uint64_t seed) {
  Random random(seed, kKeyPurpose, 0);
  std::array<std::uint8_t, Key::kBytes> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.bits() & 0xFF);
  return Key::from_bytes(bytes);
}

torch::Tensor released(const Decoder& decoder, const Tensor& activation, std::size_t condition,
                       const Noise& noise) {
  try {  // as it would leave
    const NoisyActivation noisy = noise(Activation{activation, {}});
    return decoder.scaled(view_of_activation(noisy.tensor()), condition);
  } catch (const Error& error) {
    // Portraits may be smaller than any calibrated picture. They are attacked all the same, under
    // noise of the same parameters.
    if (error.code() != ErrorCode::kRefused) throw;
    return decoder.observe(view_of_activation(activation), condition);
  }
}

}  // namespace

std::vector<torch::Tensor> Observations::of(const Decoder& decoder,
                                            const std::vector<Scene>& scenes,
                                            const View& view) const {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(Random(seed_, kMeasurePurpose, view.condition).bits());
  const Condition& seen = decoder.conditions()[view.condition];
  std::optional<Noise> noise;
  if (!view.shallow && seen.seen == Seen::kRelease && seen.draws == 1) {
    noise.emplace(release_, key_of(seed_), NoiseOptions{.alpha = seen.alpha});
  }
  std::vector<torch::Tensor> observed;
  for (const Scene& scene : scenes) {
    const Tensor& activation = view.shallow ? scene.shallow : scene.activation;
    observed.push_back(noise ? released(decoder, activation, view.condition, *noise)
                             : decoder.observe(view_of_activation(activation), view.condition));
  }
  return observed;
}

}  // namespace scrim
