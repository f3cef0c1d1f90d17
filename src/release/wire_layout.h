// A noisy activation in a message: header and planes. docs/formats/wire.md draws the bytes.
//
// Without the codes themselves, so that a server that has no part of the noise can read them too.
#pragma once

#include <scrim/activation.h>
#include <scrim/release.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

inline constexpr std::size_t kWireHeaderBytes = 72;

// The step of the grid that a noise of this standard deviation rounds to (noise/grid.h says why):
// the power of two in (sigma/2048, sigma/1024]. 0 for sigma 0.
float grid_step(float sigma);
// Values beyond so many steps are not rounded.
inline constexpr float kMostGridSteps = 4194304.0F;  // 2^22

// What one element of a plane is.
enum class PlaneCode { kFloat, kHalf, kInt8, kInt16 };

// One direction that is sent: its elements of all cells, in row-major order.
struct WirePlane {
  std::int64_t direction;
  PlaneCode code;
  float step;  // of kInt8 and kInt16: sigma / 2

  std::size_t element_bytes() const;
};

struct WireHeader {
  WireType type;
  std::string release_id;  // 64 hexadecimal digits
  double alpha;
  Shape shape;  // N, K, H, W; each at least 1
};

// The planes of a sample at a calibrated alpha, in the order in which they are sent. kInt8 becomes
// kInt16 where the promised signal-to-noise ratio is above 250: there 127 steps of sigma / 2 would
// cover less than four standard deviations.
std::vector<WirePlane> wire_planes(std::span<const float> scale, std::span<const float> sigma,
                                   WireType type);
std::vector<WirePlane> wire_planes(const NoiseParameters& noise, std::size_t alpha_index,
                                   WireType type);

// The planes of one element type, as one tensor: N x planes x H x W.
struct WireTensor {
  PlaneCode code;
  std::vector<WirePlane> planes;
};

// The tensors that carry these planes to a served model, whose requests have one type each: in the
// order of PlaneCode, and no empty one.
std::vector<WireTensor> wire_tensors(std::span<const WirePlane> planes);

// "fp32", "fp16" or "int8", as flags and parameters say it; nothing for another text.
std::string_view wire_name(WireType type);
std::optional<WireType> wire_of(std::string_view name);

std::string format_wire_header(const WireHeader& header);

// Throws kCorrupt on anything but such a header, kUnsupported on another version.
WireHeader parse_wire_header(std::string_view bytes);

}  // namespace scrim
