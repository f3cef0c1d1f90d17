// What a reconstruction is worth: the figures of one row, from pictures and from people.
#pragma once

#include "audit/decoder.h"
#include "audit/material.h"
#include "audit/recogniser.h"

#include <functional>
#include <vector>

namespace scrim {

// Clean pictures of the people who are searched for, as the recogniser sees them.
class Gallery {
 public:
  // `searched` outlives the gallery.
  Gallery(const Recogniser& recogniser, const std::vector<Scene>& searched);

  // The recogniser on the pictures themselves.
  AttackRow of_pictures() const;
  // Fills rank1, auc, chance and matches from a reconstruction of each picture, in order.
  void measure(const std::vector<Image>& reconstructions, AttackRow& row) const;
  // The same from rows of features, of length 1, of pictures and of reconstructions.
  static void measure(const torch::Tensor& probes, const torch::Tensor& gallery,
                      const std::vector<Scene>& searched, AttackRow& row);

 private:
  const Recogniser& recogniser_;
  const std::vector<Scene>& searched_;
  torch::Tensor features_;
};

// Fills the figures of pictures: unexplained variance, PSNR, SSIM, with intervals.
void measure_pictures(const std::vector<Scene>& scenes, const std::vector<Image>& reconstructions,
                      AttackRow& row);

// Embeddings of the clean faces of views, 1 x 128 each; undefined without an alignment.
std::vector<torch::Tensor> clean_embeddings(const Recogniser& recogniser,
                                            const std::vector<Scene>& views);

}  // namespace scrim
