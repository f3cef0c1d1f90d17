#include "base/base64.h"

#include "base/check.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

namespace scrim {

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero byte
  const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                       static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string to_base64(std::string_view bytes) {
  return to_base64(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

std::string from_base64(std::string_view text, const std::string& what) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
  const auto padding = static_cast<std::size_t>(
      std::find_if(digits.rbegin(), digits.rend(), [](char c) { return c != '='; }) -
      digits.rbegin());
  if (digits.size() > std::numeric_limits<int>::max() / 2 || padding > 2) {
    fail(ErrorCode::kCorrupt, what, " is not base64");
  }
  std::string bytes(digits.size() / 4 * 3, '\0');
  const int length = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(digits.data()),
                                       static_cast<int>(digits.size()));
  if (length < 0) fail(ErrorCode::kCorrupt, what, " is not base64");
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace scrim
