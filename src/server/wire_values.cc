#include "server/wire_values.h"

#include "kernels/quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace scrim {
namespace {

bool all_finite(std::string_view bytes) {
  bool finite = true;
  for (std::size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    finite &= std::abs(value) <= std::numeric_limits<float>::max();
  }
  return finite;
}

template <typename Code>
std::vector<Code> codes_in(std::string_view bytes) {
  std::vector<Code> codes(bytes.size() / sizeof(Code));
  std::memcpy(codes.data(), bytes.data(), codes.size() * sizeof(Code));
  return codes;
}

template <typename Code>
bool decode_codes(std::string_view bytes, float step, std::span<float> values) {
  const auto codes = codes_in<Code>(bytes);
  if (std::ranges::find(codes, std::numeric_limits<Code>::min()) != codes.end()) return false;
  dequantise(codes, step, values);
  return true;
}

// False for a code that no encoder writes.
bool decode(const WirePlane& plane, std::string_view bytes, std::span<float> values) {
  switch (plane.code) {
    case PlaneCode::kInt8:
      return decode_codes<std::int8_t>(bytes, plane.step, values);
    case PlaneCode::kInt16:
      return decode_codes<std::int16_t>(bytes, plane.step, values);
    case PlaneCode::kHalf:
      from_half(codes_in<std::uint16_t>(bytes), values);
      return true;
    case PlaneCode::kFloat:
      break;
  }
  return false;  // a wire of floats carries all directions and is not decoded
}

bool has_shape(const TensorMessage& input, Datatype type, std::size_t planes,
               const std::vector<std::int64_t>& like) {
  return input.datatype == type && input.shape.size() == 4 && like.size() == 4 &&
         input.shape[0] == like[0] && input.shape[1] == static_cast<std::int64_t>(planes) &&
         input.shape[2] == like[2] && input.shape[3] == like[3];
}

std::optional<WireValues> values_of_floats(const TensorMessage& input, WireValues values,
                                           const ReleaseContract& contract) {
  const auto directions = static_cast<std::size_t>(contract.directions);
  if (!has_shape(input, Datatype::kFp32, directions, input.shape)) return std::nullopt;
  values.directions.resize(directions);
  std::iota(values.directions.begin(), values.directions.end(), 0);
  values.borrowed = input.bytes.view();
  values.finite = all_finite(values.borrowed);
  return values;
}

// Decodes one input into its planes of every sample; `first` is the first plane's place.
bool decode_input(const TensorMessage& input, const WireTensor& tensor, std::size_t first,
                  WireValues& values) {
  const auto cells = static_cast<std::size_t>(values.rows * values.columns);
  std::string_view bytes = input.bytes.view();
  for (std::size_t n = 0; n < static_cast<std::size_t>(values.samples); ++n) {
    for (std::size_t p = 0; p < tensor.planes.size(); ++p) {
      const std::size_t size = cells * tensor.planes[p].element_bytes();
      const std::size_t place = (n * values.directions.size() + first + p) * cells;
      const auto out = std::span(values.own).subspan(place, cells);
      if (!decode(tensor.planes[p], bytes.substr(0, size), out)) return false;
      bytes.remove_prefix(size);
    }
  }
  return true;
}

}  // namespace

std::string_view WireValues::bytes() const {
  if (own.empty()) return borrowed;
  return {reinterpret_cast<const char*>(own.data()), own.size() * sizeof(float)};
}

std::vector<float> WireValues::sigma(const ReleaseContract::Level& level) const {
  std::vector<float> result;
  for (const std::int64_t k : directions)
    result.push_back(level.sigma[static_cast<std::size_t>(k)]);
  return result;
}

std::optional<WireValues> wire_values(std::span<const TensorMessage> inputs,
                                      const ReleaseContract& contract) {
  if (inputs.empty() || inputs[0].shape.size() != 4) return std::nullopt;
  const std::vector<std::int64_t>& like = inputs[0].shape;
  WireValues values;
  values.samples = like[0];
  values.rows = like[2];
  values.columns = like[3];
  if (contract.wire == WireType::kFp32) {
    if (inputs.size() != 1) return std::nullopt;
    return values_of_floats(inputs[0], std::move(values), contract);
  }
  const std::vector<WireTensor> tensors = contract.wire_tensors();
  if (tensors.size() != inputs.size()) return std::nullopt;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Datatype type = wire_datatype(tensors[i].code);
    if (!has_shape(inputs[i], type, tensors[i].planes.size(), like)) return std::nullopt;
    for (const WirePlane& plane : tensors[i].planes) values.directions.push_back(plane.direction);
  }
  const std::int64_t cells = values.samples * values.rows * values.columns;
  values.own.resize(static_cast<std::size_t>(cells) * values.directions.size());
  std::size_t first = 0;
  for (std::size_t i = 0; i < tensors.size(); first += tensors[i++].planes.size()) {
    if (!decode_input(inputs[i], tensors[i], first, values)) return std::nullopt;
  }
  values.finite = all_finite(values.bytes());
  return values;
}

}  // namespace scrim
