#include <scrim/evaluate.h>

#include "base/check.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// Shifted by the largest logit, so that no power overflows.
std::vector<double> softmax(const std::vector<float>& logits) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  double sum = 0;
  for (const float logit : logits) {
    result.push_back(std::exp(static_cast<double>(logit) - static_cast<double>(largest)));
    sum += result.back();
  }
  for (double& value : result) value /= sum;
  return result;
}

}  // namespace

void ClassifierOptions::validate() const {
  check(input.scale > 0 && std::isfinite(input.scale), "scale must be positive, got ", input.scale);
  check(classes.size() != 1, "a classifier has at least 2 classes, got the name of 1");
}

Classifier::Classifier(Network network, ClassifierOptions options)
    : network_(std::move(network)), options_(std::move(options)) {
  if (options_.classes.empty()) options_.classes = network_->classes();
  options_.validate();
}

Classifier::Classifier(Head head, Noise noise, TailFn tail, ClassifierOptions options)
    : head_(std::move(head)),
      noise_(std::move(noise)),
      tail_(std::move(tail)),
      options_(std::move(options)) {
  options_.validate();
  noise_->require_rules(options_.input);
}

std::vector<double> Classifier::operator()(const Image& image) const { return run(prepare(image)); }

Tensor Classifier::prepare(const Image& image) const { return to_input(image, options_.input); }

std::vector<double> Classifier::run(const Tensor& input) const {
  return probabilities_in(network_ ? (*network_)(input) : tail_((*noise_)((*head_)(input))));
}

std::vector<double> Classifier::operator()(const NoisyActivation& noisy_activation) const {
  check(tail_ != nullptr, "a clean classifier has no tail for a noisy activation");
  return probabilities_in(tail_(noisy_activation));
}

std::vector<double> Classifier::probabilities_in(const std::vector<Tensor>& outputs) const {
  if (outputs.size() != 1 || outputs[0].shape.size() != 2 || outputs[0].values.size() < 2) {
    fail(ErrorCode::kUnsupported, "a classifier has one output, N x classes; this network has ",
         outputs.size(), " of ", outputs.empty() ? 0 : outputs[0].shape.size(), " dimensions");
  }
  check(outputs[0].shape[0] == 1, "pictures are classified one at a time, got ",
        outputs[0].shape[0]);
  const std::size_t count = outputs[0].values.size();
  if (!options_.classes.empty() && options_.classes.size() != count) {
    fail(ErrorCode::kUnsupported, "the network tells ", count, " classes apart, and ",
         options_.classes.size(), " are named");
  }
  return softmax(outputs[0].values);
}

}  // namespace scrim
