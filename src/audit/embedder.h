// The attacker that names people straight from what crosses the cut (A6b), without a picture.
#pragma once

#include "audit/face_reader.h"

#include <vector>

namespace scrim {

// A face in, 128 numbers of length 1 out: near for pictures of one person.
class Embedder {
 public:
  static constexpr std::int64_t kNumbers = 128;

  // As FaceReader's.
  Embedder(const Decoder& observer, bool shallow);

  // Learns to tell the views' people apart: softmax over the cosines to one direction a person.
  // Throws as FaceReader does.
  void train(const std::vector<Scene>& views, const ReaderTraining& options);

  // Rows of length 1, of observations under the condition; each scene has an alignment.
  torch::Tensor embed(const std::vector<Scene>& scenes, const std::vector<torch::Tensor>& observed,
                      std::size_t condition);

 private:
  bool shallow_;
  FaceReader reader_;
};

}  // namespace scrim
