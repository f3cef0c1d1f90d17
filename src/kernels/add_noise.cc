#include "kernels/add_noise.h"

#include "kernels/add_noise_backends.h"

#include <array>

namespace scrim {
namespace {

constexpr std::array kBackends = {Backend::kReference};

}  // namespace

std::span<const Backend> available_backends() noexcept { return kBackends; }

void add_noise(Backend, const AddNoise& op, Part part) noexcept { reference::add_noise(op, part); }

void add_noise(const AddNoise& op, Part part) noexcept {
  add_noise(available_backends().back(), op, part);
}

void add_noise(const AddNoise& op) noexcept { add_noise(op, {.first = 0, .count = op.in.size()}); }

void draw_normals(Backend, const StreamKey& key, std::size_t first, std::span<float> z) noexcept {
  reference::draw_normals(key, first, z);
}

void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept {
  draw_normals(available_backends().back(), key, first, z);
}

}  // namespace scrim
