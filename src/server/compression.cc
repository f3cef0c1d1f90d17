#include "server/compression.h"

#include "protocol/request_error.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

namespace scrim {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;
// A window of 32 KiB; 32 more recognises the container by itself, 16 more writes gzip.
constexpr int kWindow = 15, kAnyContainer = kWindow + 32, kGzipContainer = kWindow + 16;

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};
struct EndDeflate {
  void operator()(z_stream* stream) const { deflateEnd(stream); }
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "gzip;q=0.5" as its name and 0.5; an unreadable weight is 0.
std::pair<std::string_view, double> weighted(std::string_view item) {
  const std::size_t end = item.find(';');
  const std::string_view coding = trimmed(item.substr(0, end));
  if (end == std::string_view::npos) return {coding, 1.0};
  const std::string_view weight = trimmed(item.substr(end + 1));
  if (!weight.starts_with("q=")) return {coding, 0.0};
  double value = 0;
  std::from_chars(weight.data() + 2, weight.data() + weight.size(), value);
  return {coding, value};
}

uInt chunk(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

}  // namespace

std::optional<Encoding> encoding_of(std::string_view text) {
  if (text.empty() || text == "identity") return Encoding::kIdentity;
  if (text == "gzip") return Encoding::kGzip;
  if (text == "deflate") return Encoding::kDeflate;
  return std::nullopt;
}

std::string_view name(Encoding encoding) {
  if (encoding == Encoding::kIdentity) return "identity";
  return encoding == Encoding::kGzip ? "gzip" : "deflate";
}

Encoding preferred_encoding(std::string_view accept_encoding) {
  Encoding best = Encoding::kIdentity;
  double weight = 0;
  while (!accept_encoding.empty()) {
    const std::size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
    const auto [coding, own] = weighted(accept_encoding.substr(0, end));
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const auto known = coding.empty() ? std::nullopt : encoding_of(coding);
    const bool first = own == weight && own > 0 && known == Encoding::kGzip;
    if (!known || (own <= weight && !first)) continue;
    best = *known;
    weight = own;
  }
  return best;
}

std::string decompress(std::string_view bytes, std::uint64_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, kAnyContainer) != Z_OK) {
    throw RequestError(RequestFault::kUnavailable, "no memory to decompress the request body");
  }
  const std::unique_ptr<z_stream, EndInflate> end(&stream);
  std::string result;
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.avail_in == 0) {
      if (bytes.empty()) break;
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = chunk(bytes.size());
      bytes.remove_prefix(stream.avail_in);
    }
    const std::size_t have = result.size();
    result.resize(have + kBlock);
    stream.next_out = reinterpret_cast<Bytef*>(result.data() + have);
    stream.avail_out = kBlock;
    status = inflate(&stream, Z_NO_FLUSH);
    result.resize(have + kBlock - stream.avail_out);
    if (result.size() > limit) {
      invalid_request("the decompressed request body exceeds the maximum allowed value of " +
                      std::to_string(limit) +
                      " bytes. Use --http-max-input-size to increase the limit.");
    }
  }
  if (status != Z_STREAM_END || stream.avail_in != 0 || !bytes.empty()) {
    invalid_request("the request body cannot be decompressed: it is no whole gzip or zlib stream");
  }
  return result;
}

std::string compress(std::string_view bytes, Encoding encoding) {
  if (encoding == Encoding::kIdentity) return std::string(bytes);
  z_stream stream{};
  const int window = encoding == Encoding::kGzip ? kGzipContainer : kWindow;
  constexpr int kMemory = 8;  // zlib's default
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, kMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw RequestError(RequestFault::kUnavailable, "no memory to compress the answer");
  }
  const std::unique_ptr<z_stream, EndDeflate> end(&stream);
  std::string result;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    if (stream.avail_in == 0 && !bytes.empty()) {
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = chunk(bytes.size());
      bytes.remove_prefix(stream.avail_in);
    }
    const std::size_t have = result.size();
    result.resize(have + kBlock);
    stream.next_out = reinterpret_cast<Bytef*>(result.data() + have);
    stream.avail_out = kBlock;
    status = deflate(&stream, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
    result.resize(have + kBlock - stream.avail_out);
  }
  return result;
}

}  // namespace scrim
