// The element types of the Open Inference Protocol (KServe v2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

enum class Datatype {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kFp32,
  kFp64,
  kBytes,
  kBf16,
  kInvalid,  // what a client named is no type; the check against the model says so
};

// "FP32" and so on, as it is written on the wire.
std::string_view name(Datatype type);
std::optional<Datatype> datatype_of(std::string_view name);

// Bytes an element; 0 for kBytes, whose elements carry their own length.
std::size_t element_bytes(Datatype type);

// The product of the dimensions, 1 for none; nothing if a dimension is negative or the product
// exceeds the largest std::int64_t.
std::optional<std::int64_t> counted_elements(std::span<const std::int64_t> shape);

// A shape as the protocol's sentences write it: "[1,16]".
std::string shape_list(std::span<const std::int64_t> shape);

}  // namespace scrim
