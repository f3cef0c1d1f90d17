// client/noise.safetensors: the learned noise as tensors, checked in both directions.
#pragma once

#include <scrim/release.h>

#include <string>
#include <string_view>

namespace scrim {

// Throws kInvalidArgument, naming the first thing wrong: sizes that do not fit together, a value
// that is not finite, alphas not ascending within (0, 1), a direction that passes without noise.
void check_noise(const NoiseParameters& noise);

// The bytes of noise.safetensors. docs/formats/release.md lists the tensors.
std::string format_noise(const NoiseParameters& noise);

// Throws kCorrupt where the tensors are missing or of another shape. The numbers are check_noise's.
NoiseParameters parse_noise(std::string_view bytes);

}  // namespace scrim
