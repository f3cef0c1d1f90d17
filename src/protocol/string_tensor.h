// The elements of a BYTES tensor: four bytes of length, little endian, then the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scrim {

using StringLength = std::uint32_t;

void append_string(std::string& tensor, std::string_view element);

// The length that the first element of `tensor` declares; nothing in fewer bytes than a length has.
std::optional<StringLength> first_string_length(std::string_view tensor);

// Takes the first element off `tensor`; nothing, and `tensor` as it was, if it is not whole.
std::optional<std::string_view> take_string(std::string_view& tensor);

}  // namespace scrim
