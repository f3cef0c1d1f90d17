// gzip and deflate of bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scrim {

enum class Encoding { kIdentity, kGzip, kDeflate };

// Of a Content-Encoding; nothing for one that is not served. An empty text is kIdentity.
std::optional<Encoding> encoding_of(std::string_view text);
std::string_view name(Encoding encoding);

// What a client's Accept-Encoding prefers among the three, by its weights; kGzip before kDeflate
// where they are equal, and kIdentity where neither is asked for.
Encoding preferred_encoding(std::string_view accept_encoding);

// Throws RequestError (kInvalid) for bytes that do not decompress, for bytes behind the end, and
// when more than `limit` bytes come out; no more than that is ever held.
std::string decompress(std::string_view bytes, std::uint64_t limit);

std::string compress(std::string_view bytes, Encoding encoding);

}  // namespace scrim
