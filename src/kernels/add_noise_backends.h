// The back ends behind add_noise.h: each defines the same two functions.
#pragma once

#include "kernels/add_noise.h"

namespace scrim {

namespace reference {
void add_noise(const AddNoise& op, Part part) noexcept;
void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept;
}  // namespace reference

}  // namespace scrim
