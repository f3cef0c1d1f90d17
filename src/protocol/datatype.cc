#include "protocol/datatype.h"

#include <algorithm>
#include <array>
#include <limits>

namespace scrim {
namespace {

struct Row {
  Datatype type;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<Row, 15> kRows = {{{Datatype::kBool, "BOOL", 1},
                                        {Datatype::kUint8, "UINT8", 1},
                                        {Datatype::kUint16, "UINT16", 2},
                                        {Datatype::kUint32, "UINT32", 4},
                                        {Datatype::kUint64, "UINT64", 8},
                                        {Datatype::kInt8, "INT8", 1},
                                        {Datatype::kInt16, "INT16", 2},
                                        {Datatype::kInt32, "INT32", 4},
                                        {Datatype::kInt64, "INT64", 8},
                                        {Datatype::kFp16, "FP16", 2},
                                        {Datatype::kFp32, "FP32", 4},
                                        {Datatype::kFp64, "FP64", 8},
                                        {Datatype::kBytes, "BYTES", 0},
                                        {Datatype::kBf16, "BF16", 2},
                                        {Datatype::kInvalid, "<invalid>", 0}}};

const Row& row(Datatype type) { return kRows[static_cast<std::size_t>(type)]; }

}  // namespace

std::string_view name(Datatype type) { return row(type).name; }

std::optional<Datatype> datatype_of(std::string_view name) {
  const auto found =
      std::find_if(kRows.begin(), kRows.end(), [name](const Row& one) { return one.name == name; });
  if (found == kRows.end() || found->type == Datatype::kInvalid) return std::nullopt;
  return found->type;
}

std::size_t element_bytes(Datatype type) { return row(type).bytes; }

std::optional<std::int64_t> counted_elements(std::span<const std::int64_t> shape) {
  // A zero makes the product zero, whatever the others are.
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n < 0; })) {
    return std::nullopt;
  }
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t dimension : shape) {
    if (count > std::numeric_limits<std::int64_t>::max() / dimension) return std::nullopt;
    count *= dimension;
  }
  return count;
}

std::string shape_list(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t dimension : shape) {
    if (text.size() > 1) text += ",";
    text += std::to_string(dimension);
  }
  return text + "]";
}

}  // namespace scrim
