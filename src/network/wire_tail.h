// A tail between the two ends of a wire: codes in, halves out.
#pragma once

#include "release/wire_layout.h"

#include <torch/csrc/jit/api/module.h>

#include <cstdint>
#include <span>

namespace scrim {

// A module that takes one tensor of codes, N x planes x H x W, for each of `tensors`, in their
// order, and gives `tail` the `directions` values that they stand for: as from_wire reads them, bit
// for bit. Its outputs are those of `tail` rounded to binary16, held to +-65504.
torch::jit::Module script_wire_tail(const torch::jit::Module& tail,
                                    std::span<const WireTensor> tensors, std::int64_t directions);

}  // namespace scrim
