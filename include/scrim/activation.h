// The tensors that cross the cut: what a head returns, and what a noise makes of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrim {

using Shape = std::vector<std::int64_t>;

// The number of elements of a shape; 1 for a scalar's empty shape.
// Throws kInvalidArgument on a negative size or on overflow.
std::int64_t element_count(const Shape& shape);

// A dense float32 tensor in row-major order: batch first, then channels, height, width.
struct Tensor {
  Shape shape;
  std::vector<float> values;
};

// The output of a head: clean, and therefore never sent. N x K x H x W.
struct Activation {
  Tensor tensor;
  // Of the release whose head made it, so that no other release's noise is put on it. Empty for
  // what a head outside Scrim made: then the caller answers for it.
  std::string release_id = {};
};

class Release;

// How the values of a noisy activation travel. Rounding them comes after the noise: it costs no
// privacy, and accuracy only as docs/guide/wire.md measures it.
enum class WireType {
  kFp32,  // as they are
  kFp16,  // IEEE 754 binary16
  kInt8,  // whole steps of sigma/2: int8, and int16 in directions of a signal-to-noise over 250
};

// What a Noise returned: the only thing that may leave the trusted zone. N x K x H x W.
//
// Only a Noise can make one, so that a raw activation cannot be sent by mistake.
class NoisyActivation {
 public:
  const Tensor& tensor() const& { return tensor_; }
  Tensor tensor() && { return std::move(tensor_); }  // so that nothing refers to a temporary
  const std::string& release_id() const { return release_id_; }
  double alpha() const { return alpha_; }
  // The tensor holds what that wire carries, exactly.
  WireType wire_type() const { return wire_type_; }
  // How many values lay beyond the largest that the wire has, and were held to it.
  std::int64_t saturated() const { return saturated_; }
  // SHA-256 of the release's contract.json, hexadecimal: what a server's model must declare.
  const std::string& contract_digest() const { return contract_digest_; }
  // 32 hexadecimal digits that no other fresh draw has, so that a server can refuse to see one
  // twice. Empty for a sticky draw, and for what from_wire read.
  const std::string& fresh_nonce() const { return fresh_nonce_; }

 private:
  friend class Noise;
  friend NoisyActivation from_wire(std::string_view bytes, const Release& release);
  NoisyActivation(Tensor tensor, std::string release_id, std::string contract_digest, double alpha,
                  WireType wire_type)
      : tensor_(std::move(tensor)),
        release_id_(std::move(release_id)),
        contract_digest_(std::move(contract_digest)),
        alpha_(alpha),
        wire_type_(wire_type) {}

  Tensor tensor_;
  std::string release_id_;
  std::string contract_digest_;
  std::string fresh_nonce_;
  double alpha_;
  WireType wire_type_;
  std::int64_t saturated_ = 0;
};

// The message that carries it, of the type that NoiseOptions::wire chose: directions that carry
// nothing are left out. docs/formats/wire.md draws the bytes.
// Throws kInvalidArgument on a noisy activation of another release.
std::string to_wire(const NoisyActivation& noisy_activation, const Release& release);
// The other end: the same values, bit for bit. Throws kCorrupt on anything but such a message,
// kInvalidArgument on one of another release, kUnsupported on another version.
NoisyActivation from_wire(std::string_view bytes, const Release& release);

}  // namespace scrim
