// The code of a release as layers: before the noise, and after it.
#pragma once

#include <scrim/release.h>

#include "network/script_writer.h"

#include <cstdint>
#include <string_view>

namespace scrim {

// y = basis (activation - mean) as a 1x1 convolution, N -> K channels. Throws kInvalidArgument if
// the code's numbers are not those of its shape, or of other `channels` than `split_point` has.
Convolution encoding(const NoiseParameters& code, std::int64_t channels,
                     std::string_view split_point);
// mean + decode y, K -> N channels. Throws as encoding does.
Convolution decoding(const NoiseParameters& code, std::int64_t channels,
                     std::string_view split_point);

}  // namespace scrim
