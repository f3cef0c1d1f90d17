#include "protocol/provenance.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace scrim {
namespace {

static_assert(std::endian::native == std::endian::little, "tags hash little-endian numbers");

template <typename Number>
std::string_view bytes_of(const Number& number) {
  return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

// Length first, so that no two lists of fields are the same bytes.
void add_field(Hmac& hmac, std::string_view field) {
  const std::uint64_t length = field.size();
  hmac.update(bytes_of(length)).update(field);
}

void add_input(Hmac& hmac, const TensorMessage& input) {
  add_field(hmac, input.name);
  add_field(hmac, name(input.datatype));
  std::string shape;
  for (const std::int64_t dimension : input.shape) shape += bytes_of(dimension);
  add_field(hmac, shape);
  add_field(hmac, input.bytes.view());
}

}  // namespace

Parameters provenance_parameters(const Provenance& provenance) {
  Parameters parameters{{kReleaseParameter, provenance.release},
                        {kAlphaParameter, provenance.alpha},
                        {kWireParameter, provenance.wire}};
  if (!provenance.fresh_nonce.empty()) parameters[kNonceParameter] = provenance.fresh_nonce;
  if (!provenance.client.empty()) parameters[kClientParameter] = provenance.client;
  return parameters;
}

std::optional<std::string> text_parameter(const Parameters& parameters, std::string_view key) {
  const auto found = parameters.find(key);
  if (found == parameters.end()) return std::nullopt;
  const auto* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::optional<double> alpha_parameter(const Parameters& parameters) {
  const auto found = parameters.find(kAlphaParameter);
  if (found == parameters.end()) return std::nullopt;
  if (const auto* number = std::get_if<double>(&found->second)) return *number;
  const auto* text = std::get_if<std::string>(&found->second);
  if (text == nullptr) return std::nullopt;
  double value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

Digest provenance_tag(std::span<const std::uint8_t> key, std::string_view model,
                      const Provenance& provenance, std::span<const TensorMessage> inputs) {
  Hmac hmac(key);
  add_field(hmac, "scrim tag v1");
  add_field(hmac, model);
  add_field(hmac, provenance.release);
  add_field(hmac, bytes_of(provenance.alpha));
  add_field(hmac, provenance.wire);
  add_field(hmac, provenance.fresh_nonce);
  add_field(hmac, provenance.client);
  for (const TensorMessage& input : inputs) add_input(hmac, input);
  return hmac.finish();
}

}  // namespace scrim
