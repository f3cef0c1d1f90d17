// The recogniser of the re-identification attack: MobileFaceNet (Chen et al., 2018).
#pragma once

#include "audit/alignment.h"
#include "release/safetensors.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <span>
#include <vector>

namespace scrim {

// Immutable; gradients flow to the faces and not to the weights. Threads may share one.
class Recogniser {
 public:
  // Throws kCorrupt, naming the tensor, on weights that are not MobileFaceNet's or not finite.
  explicit Recogniser(const Safetensors& weights);
  static Recogniser load(const std::filesystem::path& path);

  // faces: B x 3 x 112 x 96, B, G, R, 0 to 255. Returns B x 256 rows of length 1: the embedding of
  // the face joined with that of its mirror image.
  at::Tensor features(const at::Tensor& faces) const;
  // The face alone, B x 128 rows of length 1: half the work, for training.
  at::Tensor embeddings(const at::Tensor& faces) const;

  // The face that `alignment` points at, 1 x 3 x 112 x 96; picture: 1 x 3 x H x W. Bilinear, the
  // edge continued. `alignment` is in the picture's pixels.
  static at::Tensor aligned(const at::Tensor& picture, const Similarity& alignment);

 private:
  struct Layer {
    at::Tensor weight, bias;  // batch normalisation folded in
    at::Tensor slope;         // of the PReLU; undefined for none
    std::int64_t stride = 1;
    std::int64_t padding = 0;
    std::int64_t groups = 1;
    bool begins_residual = false, ends_residual = false;
  };

  at::Tensor run(at::Tensor x) const;

  std::vector<Layer> layers_;
};

// Each row divided by its length: their products are cosines.
at::Tensor of_length_one(const at::Tensor& rows);

}  // namespace scrim
