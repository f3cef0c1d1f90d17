// The planes of a sample as the wire's codes, and back.
#pragma once

#include "release/wire_layout.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// Replaces each value by what the receiver will have in its place. Returns how many were held to
// the largest code. `sample` is K x cells; directions that are not sent stay.
std::size_t round_to_wire(std::span<const WirePlane> planes, std::size_t cells,
                          std::span<float> sample);

// Appends the codes of a sample.
void append_planes(std::span<const WirePlane> planes, std::span<const float> sample,
                   std::size_t cells, std::string& bytes);

// Fills `sample`, with +0 in directions that were not sent. Returns the bytes behind the planes'.
// The caller has checked that all are there. Throws kCorrupt on a value that no rounding leaves:
// infinite or NaN, or the code -128.
std::string_view read_planes(std::span<const WirePlane> planes, std::string_view bytes,
                             std::size_t cells, std::span<float> sample);

}  // namespace scrim
