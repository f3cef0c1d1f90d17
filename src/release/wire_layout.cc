#include "release/wire_layout.h"

#include "base/check.h"
#include "base/hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace scrim {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

constexpr std::string_view kMagic = "SCRIMW01";
constexpr std::size_t kVersionDigits = 2;
constexpr std::size_t kTypeAt = 8;
constexpr std::size_t kReleaseAt = 16;
constexpr std::size_t kAlphaAt = 48;
constexpr std::size_t kShapeAt = 56;
constexpr double kMostInt8 = 250;  // signal-to-noise ratio
constexpr std::array kTypes = {WireType::kFp32, WireType::kFp16, WireType::kInt8};
constexpr std::array<std::string_view, 3> kWireNames = {"fp32", "fp16", "int8"};

template <typename T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename T>
T read(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// The 32 bytes behind 64 hexadecimal digits.
std::string packed(std::string_view digits) {
  check(
      digits.size() == 64 && digits.find_first_not_of("0123456789abcdef") == std::string_view::npos,
      "a release id has 64 hexadecimal digits");
  std::string bytes;
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    bytes += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
  }
  return bytes;
}

PlaneCode code_of(WireType type, double ratio) {
  if (type == WireType::kFp32) return PlaneCode::kFloat;
  if (type == WireType::kFp16) return PlaneCode::kHalf;
  return ratio <= kMostInt8 ? PlaneCode::kInt8 : PlaneCode::kInt16;
}

}  // namespace

float grid_step(float sigma) {
  constexpr int kFineness = 11;
  if (sigma == 0.0F) return 0.0F;
  int exponent = 0;
  std::frexp(sigma, &exponent);  // sigma is in [2^(exponent - 1), 2^exponent)
  return std::ldexp(1.0F, exponent - kFineness);
}

std::size_t WirePlane::element_bytes() const {
  constexpr std::array<std::size_t, 4> kBytes = {4, 2, 1, 2};
  return kBytes[static_cast<std::size_t>(code)];
}

std::vector<WirePlane> wire_planes(std::span<const float> scale, std::span<const float> sigma,
                                   WireType type) {
  std::vector<WirePlane> planes;
  for (std::size_t k = 0; k < scale.size(); ++k) {
    if (!(scale[k] > 0.0F)) continue;
    const double ratio = static_cast<double>(scale[k]) / sigma[k];
    const float step = sigma[k] / 2;
    check(std::isfinite(step) && std::isfinite(1.0F / step), "sigma ", sigma[k], " of direction ",
          k, " makes no step");
    planes.push_back({static_cast<std::int64_t>(k), code_of(type, ratio * ratio), step});
  }
  return planes;
}

std::vector<WirePlane> wire_planes(const NoiseParameters& noise, std::size_t alpha_index,
                                   WireType type) {
  return wire_planes(noise.scale.at(alpha_index), noise.sigma.at(alpha_index), type);
}

std::vector<WireTensor> wire_tensors(std::span<const WirePlane> planes) {
  std::vector<WireTensor> tensors;
  for (const PlaneCode code :
       {PlaneCode::kFloat, PlaneCode::kHalf, PlaneCode::kInt8, PlaneCode::kInt16}) {
    WireTensor tensor{code, {}};
    for (const WirePlane& plane : planes) {
      if (plane.code == code) tensor.planes.push_back(plane);
    }
    if (!tensor.planes.empty()) tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::string_view wire_name(WireType type) { return kWireNames[static_cast<std::size_t>(type)]; }

std::optional<WireType> wire_of(std::string_view name) {
  for (const WireType type : kTypes) {
    if (wire_name(type) == name) return type;
  }
  return std::nullopt;
}

std::string format_wire_header(const WireHeader& header) {
  std::string bytes(kMagic);
  bytes += static_cast<char>(header.type);
  bytes.append(kReleaseAt - bytes.size(), '\0');
  bytes += packed(header.release_id);
  append(bytes, header.alpha);
  check(header.shape.size() == 4, "a noisy activation is N x K x H x W");
  for (const std::int64_t size : header.shape) {
    check(1 <= size && size <= std::numeric_limits<std::uint32_t>::max(),
          "a message has no place for a size of ", size);
    append(bytes, static_cast<std::uint32_t>(size));
  }
  return bytes;
}

WireHeader parse_wire_header(std::string_view bytes) {
  constexpr std::size_t kName = kMagic.size() - kVersionDigits;
  if (bytes.size() < kWireHeaderBytes || bytes.substr(0, kName) != kMagic.substr(0, kName)) {
    fail(ErrorCode::kCorrupt, "the message is no noisy activation");
  }
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    fail(ErrorCode::kUnsupported, "the noisy activation is of another version than ",
         kMagic.substr(kName));
  }
  const auto type = static_cast<std::uint8_t>(bytes[kTypeAt]);
  const std::string_view padding = bytes.substr(kTypeAt + 1, kReleaseAt - kTypeAt - 1);
  if (type >= kTypes.size() || padding.find_first_not_of('\0') != std::string_view::npos) {
    fail(ErrorCode::kCorrupt, "the noisy activation has a type that there is not");
  }
  WireHeader header{.type = kTypes[type], .release_id = {}, .alpha = 0, .shape = {}};
  header.release_id = hex(
      {reinterpret_cast<const std::uint8_t*>(bytes.data()) + kReleaseAt, kAlphaAt - kReleaseAt});
  header.alpha = read<double>(bytes, kAlphaAt);
  for (std::size_t i = 0; i < 4; ++i) {
    header.shape.push_back(read<std::uint32_t>(bytes, kShapeAt + i * sizeof(std::uint32_t)));
  }
  if (std::ranges::any_of(header.shape, [](std::int64_t size) { return size == 0; })) {
    fail(ErrorCode::kCorrupt, "the noisy activation has a size of 0");
  }
  return header;
}

}  // namespace scrim
