// The back ends behind add_noise.h: each defines the same two functions.
#pragma once

#include "kernels/add_noise.h"

namespace scrim {

namespace reference {
void add_noise(const AddNoise& op, Part part) noexcept;
void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept;
}  // namespace reference

namespace simd {
void add_noise(const AddNoise& op, Part part) noexcept;
void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept;
}  // namespace simd

// Present with SCRIM_CUDA only. Both return false where the device cannot reach the memory (it must
// be managed or pinned), does not run the kernel, or would work in place: `in` is then untouched.
namespace cuda {
bool is_available() noexcept;
bool add_noise(const AddNoise& op, Part part) noexcept;
bool draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept;
}  // namespace cuda

}  // namespace scrim
