#include "base/hash.h"

#include "base/check.h"
#include "base/files.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace scrim {
namespace {

void require(bool ok, const char* step) {
  if (!ok) fail(ErrorCode::kInternal, "OpenSSL failed at ", step);
}

EVP_MAC_CTX* mac(void* context) { return static_cast<EVP_MAC_CTX*>(context); }

}  // namespace

Digest sha256(std::string_view bytes) {
  Digest digest{};
  const int ok =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  require(ok == 1, "SHA-256");
  return digest;
}

std::string sha256_of_file(const std::filesystem::path& path) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  require(context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1, "SHA-256");
  read_blocks(path, [&](std::string_view block) {
    require(EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1, "SHA-256");
  });
  Digest digest{};
  require(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1, "SHA-256");
  return hex(digest);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Hmac::Hmac(std::span<const std::uint8_t> key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  require(algorithm != nullptr, "HMAC");
  context_ = EVP_MAC_CTX_new(algorithm.get());
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  // A null pointer would mean "keep the former key"; an empty key is a key.
  const std::uint8_t none = 0;
  const std::uint8_t* bytes = key.empty() ? &none : key.data();
  if (context_ == nullptr || EVP_MAC_init(mac(context_), bytes, key.size(), parameters) != 1) {
    EVP_MAC_CTX_free(mac(context_));
    require(false, "HMAC");
  }
}

Hmac::~Hmac() { EVP_MAC_CTX_free(mac(context_)); }

Hmac& Hmac::update(std::span<const std::uint8_t> part) {
  require(EVP_MAC_update(mac(context_), part.data(), part.size()) == 1, "HMAC");
  return *this;
}

Hmac& Hmac::update(std::string_view part) {
  return update(std::span(reinterpret_cast<const std::uint8_t*>(part.data()), part.size()));
}

Digest Hmac::finish() {
  Digest digest{};
  std::size_t size = 0;
  require(EVP_MAC_final(mac(context_), digest.data(), &size, digest.size()) == 1, "HMAC");
  return digest;
}

void random_bytes(std::span<std::uint8_t> out) {
  constexpr std::size_t kMostPerCall = 256;  // getentropy(3)
  while (!out.empty()) {
    const std::size_t count = std::min(out.size(), kMostPerCall);
    if (getentropy(out.data(), count) != 0) {
      fail(ErrorCode::kUnavailable, "the operating system gave no random bytes");
    }
    out = out.subspan(count);
  }
}

}  // namespace scrim
