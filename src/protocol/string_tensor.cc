#include "protocol/string_tensor.h"

#include <bit>
#include <cstring>

namespace scrim {

static_assert(std::endian::native == std::endian::little, "a length is written as it lies");

void append_string(std::string& tensor, std::string_view element) {
  const auto length = static_cast<StringLength>(element.size());
  tensor.append(reinterpret_cast<const char*>(&length), sizeof(length)).append(element);
}

std::optional<StringLength> first_string_length(std::string_view tensor) {
  StringLength length = 0;
  if (tensor.size() < sizeof(length)) return std::nullopt;
  std::memcpy(&length, tensor.data(), sizeof(length));
  return length;
}

std::optional<std::string_view> take_string(std::string_view& tensor) {
  const auto length = first_string_length(tensor);
  if (!length || tensor.size() - sizeof(StringLength) < *length) return std::nullopt;
  const std::string_view element = tensor.substr(sizeof(StringLength), *length);
  tensor.remove_prefix(sizeof(StringLength) + *length);
  return element;
}

}  // namespace scrim
