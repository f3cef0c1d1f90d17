// The score of a subject on whole pictures that training never sees.
#pragma once

#include "learn/obfuscator.h"
#include "learn/subject.h"
#include "learn/views.h"

#include <cstddef>
#include <vector>

namespace scrim {

// Keeps the trunk activations of its pictures, which do not change while the rest is trained.
class Validator {
 public:
  // `chosen` are places in `pictures`. References must outlive the validator.
  Validator(Subject& subject, const Task& task, const Pictures& pictures,
            const std::vector<std::size_t>& chosen, const InputRules& rules, torch::Device device);

  bool empty() const { return pictures_.empty(); }
  // Without noise, and under the noise of one alpha with the same draws each time. NaN if nothing
  // counts. Leaves the subject's parts in the mode they were in.
  double clean() const { return score(nullptr, 0); }
  double noisy(const Obfuscator& obfuscator, double alpha) const {
    return score(&obfuscator, alpha);
  }

 private:
  struct Picture {
    torch::Tensor trunk_activation;  // half precision
    std::size_t index;
    int width, height;  // of the input
  };
  double score(const Obfuscator* obfuscator, double alpha) const;

  Subject& subject_;
  const Task& task_;
  const Pictures& all_;
  double scale_;
  torch::Device device_;
  std::vector<Picture> pictures_;
};

}  // namespace scrim
