#include "noise/wire.h"

#include "base/check.h"
#include "base/shape_text.h"
#include "kernels/quantise.h"
#include "noise/activation_checks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace scrim {
namespace {

template <typename Code>
std::string_view as_bytes(const std::vector<Code>& codes) {
  return {reinterpret_cast<const char*>(codes.data()), codes.size() * sizeof(Code)};
}

template <typename Code>
std::vector<Code> from_bytes(std::string_view bytes) {
  std::vector<Code> codes(bytes.size() / sizeof(Code));
  std::memcpy(codes.data(), bytes.data(), codes.size() * sizeof(Code));
  return codes;
}

template <typename Code>
std::vector<Code> codes_of(std::span<const float> values, float step, std::size_t& held) {
  std::vector<Code> codes(values.size());
  held += quantise(values, step, codes);
  return codes;
}

std::vector<std::uint16_t> halves_of(std::span<const float> values, std::size_t& held) {
  std::vector<std::uint16_t> halves(values.size());
  held += to_half(values, halves);
  return halves;
}

std::string encoded(const WirePlane& plane, std::span<const float> values, std::size_t& held) {
  switch (plane.code) {
    case PlaneCode::kHalf:
      return std::string(as_bytes(halves_of(values, held)));
    case PlaneCode::kInt8:
      return std::string(as_bytes(codes_of<std::int8_t>(values, plane.step, held)));
    case PlaneCode::kInt16:
      return std::string(as_bytes(codes_of<std::int16_t>(values, plane.step, held)));
    case PlaneCode::kFloat:
      break;
  }
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

[[noreturn]] void fail_at(const WirePlane& plane) {
  fail(ErrorCode::kCorrupt, "direction ", plane.direction,
       " of the noisy activation holds a value that no noise has");
}

void check_finite(const WirePlane& plane, std::span<const float> values) {
  if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); })) fail_at(plane);
}

template <typename Code>
void decode(const WirePlane& plane, std::string_view bytes, std::span<float> values) {
  const std::vector<Code> codes = from_bytes<Code>(bytes);
  if (std::ranges::find(codes, std::numeric_limits<Code>::min()) != codes.end()) fail_at(plane);
  dequantise(codes, plane.step, values);
}

void decode_halves(const WirePlane& plane, std::string_view bytes, std::span<float> values) {
  from_half(from_bytes<std::uint16_t>(bytes), values);
  check_finite(plane, values);
}

void decode_floats(const WirePlane& plane, std::string_view bytes, std::span<float> values) {
  std::memcpy(values.data(), bytes.data(), bytes.size());
  check_finite(plane, values);
}

void decode_plane(const WirePlane& plane, std::string_view bytes, std::span<float> values) {
  switch (plane.code) {
    case PlaneCode::kFloat:
      return decode_floats(plane, bytes, values);
    case PlaneCode::kHalf:
      return decode_halves(plane, bytes, values);
    case PlaneCode::kInt8:
      return decode<std::int8_t>(plane, bytes, values);
    case PlaneCode::kInt16:
      return decode<std::int16_t>(plane, bytes, values);
  }
}

std::size_t row_of(const Release& release, double alpha) {
  const std::vector<double>& alphas = release.noise().alphas;
  const auto row = std::ranges::find(alphas, alpha);
  if (row == alphas.end()) {
    fail(ErrorCode::kCorrupt, "the noisy activation has an alpha that its release does not list");
  }
  return static_cast<std::size_t>(row - alphas.begin());
}

void check_release(const std::string& id, const Release& release) {
  check(id == release.id(), "the noisy activation is of release ", id.substr(0, 12),
        ", the release is ", release.id().substr(0, 12));
}

// The payload's bytes; -1 where they are more than any message has.
std::int64_t payload_bytes(std::span<const WirePlane> planes, const Shape& shape) {
  std::int64_t bytes = 0;
  for (const WirePlane& plane : planes) bytes += static_cast<std::int64_t>(plane.element_bytes());
  for (const std::size_t i : {0U, 2U, 3U}) {
    if (__builtin_mul_overflow(bytes, shape[i], &bytes)) return -1;
  }
  return bytes;
}

}  // namespace

std::size_t round_to_wire(std::span<const WirePlane> planes, std::size_t cells,
                          std::span<float> sample) {
  std::size_t held = 0;
  for (const WirePlane& plane : planes) {
    if (plane.code == PlaneCode::kFloat) continue;
    const auto values = sample.subspan(static_cast<std::size_t>(plane.direction) * cells, cells);
    decode_plane(plane, encoded(plane, values, held), values);
  }
  return held;
}

void append_planes(std::span<const WirePlane> planes, std::span<const float> sample,
                   std::size_t cells, std::string& bytes) {
  std::size_t held = 0;
  for (const WirePlane& plane : planes) {
    const auto first = static_cast<std::size_t>(plane.direction) * cells;
    bytes += encoded(plane, sample.subspan(first, cells), held);
  }
}

std::string_view read_planes(std::span<const WirePlane> planes, std::string_view bytes,
                             std::size_t cells, std::span<float> sample) {
  std::ranges::fill(sample, 0.0F);
  for (const WirePlane& plane : planes) {
    const std::size_t size = cells * plane.element_bytes();
    const auto first = static_cast<std::size_t>(plane.direction) * cells;
    decode_plane(plane, bytes.substr(0, size), sample.subspan(first, cells));
    bytes.remove_prefix(size);
  }
  return bytes;
}

std::string to_wire(const NoisyActivation& noisy_activation, const Release& release) {
  check_release(noisy_activation.release_id(), release);
  const auto& [shape, values] = noisy_activation.tensor();
  const auto planes = wire_planes(release.noise(), row_of(release, noisy_activation.alpha()),
                                  noisy_activation.wire_type());
  std::string bytes = format_wire_header(
      {noisy_activation.wire_type(), release.id(), noisy_activation.alpha(), shape});
  const std::size_t size = values.size() / static_cast<std::size_t>(shape[0]);
  const auto cells = static_cast<std::size_t>(shape[2] * shape[3]);
  for (std::size_t first = 0; first < values.size(); first += size) {
    append_planes(planes, std::span(values).subspan(first, size), cells, bytes);
  }
  return bytes;
}

NoisyActivation from_wire(std::string_view bytes, const Release& release) {
  const WireHeader header = parse_wire_header(bytes);
  check_release(header.release_id, release);
  const auto planes = wire_planes(release.noise(), row_of(release, header.alpha), header.type);
  std::string_view payload = bytes.substr(kWireHeaderBytes);
  if (header.shape[1] != release.noise().directions ||
      payload_bytes(planes, header.shape) != static_cast<std::int64_t>(payload.size())) {
    fail(ErrorCode::kCorrupt, "a noisy activation of ", shape_text(header.shape), " has another ",
         "number of bytes than ", payload.size(), ", or its release has another K");
  }
  Tensor tensor{header.shape, {}};
  tensor.values.resize(static_cast<std::size_t>(element_count(header.shape)));
  const auto cells = static_cast<std::size_t>(header.shape[2] * header.shape[3]);
  const std::size_t size = tensor.values.size() / static_cast<std::size_t>(header.shape[0]);
  for (std::size_t first = 0; first < tensor.values.size(); first += size) {
    payload = read_planes(planes, payload, cells, std::span(tensor.values).subspan(first, size));
  }
  return NoisyActivation(std::move(tensor), header.release_id, release.contract_digest(),
                         header.alpha, header.type);
}

}  // namespace scrim
