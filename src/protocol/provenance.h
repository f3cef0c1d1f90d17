// Where an obfuscated activation is from: the parameters of a request that say so, and the tag that
// proves it. docs/formats/provenance.md has both for clients in other languages.
#pragma once

#include "base/hash.h"
#include "protocol/message.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

// Parameters of a request, each a string but for alpha, which may be a number.
inline constexpr const char* kReleaseParameter = "scrim_release";  // also of a model's config
inline constexpr const char* kAlphaParameter = "scrim_alpha";      // also of a model's config
inline constexpr const char* kWireParameter = "scrim_wire";        // also of a model's config
inline constexpr const char* kNonceParameter = "scrim_nonce";
inline constexpr const char* kClientParameter = "scrim_client";
inline constexpr const char* kTagParameter = "scrim_tag";

struct Provenance {
  std::string release;      // 64 hexadecimal digits
  double alpha = 0;         // in (0, 1)
  std::string wire;         // "fp32", "fp16" or "int8": how the tensors carry the values
  std::string fresh_nonce;  // 32 hexadecimal digits; empty for a sticky draw
  std::string client;       // who tags; empty for nobody
};

// The parameters without a tag: what is empty is left out.
Parameters provenance_parameters(const Provenance& provenance);

// The text of a parameter; nothing where there is none, or one of another type.
std::optional<std::string> text_parameter(const Parameters& parameters, std::string_view key);

// scrim_alpha, from a number or its text; nothing where there is none or it is no number.
std::optional<double> alpha_parameter(const Parameters& parameters);

// HMAC-SHA-256 under a key that client and server share, over the model's name, the provenance and
// name, datatype, shape and bytes of every input, in the order given.
Digest provenance_tag(std::span<const std::uint8_t> key, std::string_view model,
                      const Provenance& provenance, std::span<const TensorMessage> inputs);

}  // namespace scrim
