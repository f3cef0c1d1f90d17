// The tensors that cross the cut: what a head returns, and what a noise makes of it.
#pragma once

#include <cstdint>
#include <string>
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
};

// What a Noise returned: the only thing that may leave the trusted zone. N x K x H x W.
//
// Only a Noise can make one, so that a raw activation cannot be sent by mistake.
class NoisyActivation {
 public:
  const Tensor& tensor() const { return tensor_; }
  const std::string& release_id() const { return release_id_; }
  double alpha() const { return alpha_; }

 private:
  friend class Noise;
  NoisyActivation(Tensor tensor, std::string release_id, double alpha)
      : tensor_(std::move(tensor)), release_id_(std::move(release_id)), alpha_(alpha) {}

  Tensor tensor_;
  std::string release_id_;
  double alpha_;
};

}  // namespace scrim
