#include "kernels/add_noise.h"

#include "kernels/add_noise_backends.h"

#include <array>

namespace scrim {

#if !SCRIM_CUDA
namespace cuda {
bool is_available() noexcept { return false; }
bool add_noise(const AddNoise&, Part) noexcept { return false; }
bool draw_normals(const StreamKey&, std::size_t, std::span<float>) noexcept { return false; }
}  // namespace cuda
#endif

std::span<const Backend> available_backends() noexcept {
  static constexpr std::array kAll = {Backend::kReference, Backend::kSimd, Backend::kCuda};
  static const std::size_t count = cuda::is_available() ? 3 : 2;
  return std::span(kAll).first(count);
}

void add_noise(Backend backend, const AddNoise& op, Part part) noexcept {
  if (backend == Backend::kReference) return reference::add_noise(op, part);
  // A device that fails must not leave a clean activation behind: the processor draws the same.
  if (backend == Backend::kCuda && cuda::add_noise(op, part)) return;
  simd::add_noise(op, part);
}

// Spans live in host memory, where the transfer to a device costs more than the whole draw.
void add_noise(const AddNoise& op, Part part) noexcept { simd::add_noise(op, part); }

void add_noise(const AddNoise& op) noexcept {
  simd::add_noise(op, {.first = 0, .count = op.in.size()});
}

void draw_normals(Backend backend, const StreamKey& key, std::size_t first,
                  std::span<float> z) noexcept {
  if (backend == Backend::kReference) return reference::draw_normals(key, first, z);
  if (backend == Backend::kCuda && cuda::draw_normals(key, first, z)) return;
  simd::draw_normals(key, first, z);
}

void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept {
  simd::draw_normals(key, first, z);
}

}  // namespace scrim
