// What an attacker is given: the signal, at one alpha, averaged over draws, or noise alone.
#pragma once

#include <scrim/audit.h>

#include <cstdint>
#include <vector>

namespace scrim {

// scale * clip(y) + sigma * z, as an attacker who knows both sees it.
struct Condition {
  Seen seen = Seen::kRelease;
  double alpha = 0;        // promised; NaN where the release's noise is not what is seen
  int draws = 1;           // of one picture, averaged
  double alpha_after = 0;  // draws: alpha by the accountant's rule; else what stands for it
  std::vector<float> scale, sigma;  // per direction
};

// The place of a calibrated alpha in noise.alphas. Throws kInvalidArgument if it is not there.
std::size_t alpha_place(const NoiseParameters& noise, double alpha);

// The alpha that n independent releases of one picture come to: every signal-to-noise ratio is n
// times as high.
double alpha_after(const NoiseParameters& noise, std::size_t alpha_index, int draws);

// What the attackers' networks are told of a condition: logit(alpha_after) / 3, about -3 to 3.
float level_of(const Condition& condition);

// No noise, noise alone, then each alpha alone and averaged over each number of draws.
std::vector<Condition> conditions_of(const NoiseParameters& noise,
                                     const std::vector<double>& alphas,
                                     const std::vector<int>& draws);
// The one condition of the positive control: `channels` of signal without noise.
Condition without_noise(std::int64_t channels);

}  // namespace scrim
