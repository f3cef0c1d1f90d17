#include "kube/base64.h"

#include "base/check.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

namespace scrim {

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
