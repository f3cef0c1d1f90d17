#include <scrim/evaluate.h>

#include "base/check.h"
#include "data/detections.h"

#include <cmath>

namespace scrim {

void DetectorOptions::validate() const {
  check(input.scale > 0 && std::isfinite(input.scale), "scale must be positive, got ", input.scale);
  check(threshold >= 0 && threshold < 1, "threshold must be in [0, 1), got ", threshold);
  check(keep_before_nms > 0, "keep_before_nms must be positive, got ", keep_before_nms);
  check(nms_iou > 0 && nms_iou <= 1, "nms_iou must be in (0, 1], got ", nms_iou);
  check(keep_after_nms > 0, "keep_after_nms must be positive, got ", keep_after_nms);
}

Detector::Detector(Network network, DetectorOptions options)
    : network_(std::move(network)), options_(std::move(options)) {
  options_.validate();
}

Detector::Detector(Head head, Noise noise, TailFn tail, DetectorOptions options)
    : head_(std::move(head)),
      noise_(std::move(noise)),
      tail_(std::move(tail)),
      options_(std::move(options)) {
  options_.validate();
  noise_->require_rules(options_.input);
}

std::vector<Detection> Detector::operator()(const Image& image) const {
  return run(prepare(image));
}

Tensor Detector::prepare(const Image& image) const { return to_input(image, options_.input); }

std::vector<Detection> Detector::run(const Tensor& input) const {
  return faces_in(network_ ? (*network_)(input) : tail_((*noise_)((*head_)(input))), input.shape);
}

std::vector<Detection> Detector::operator()(const NoisyActivation& noisy_activation,
                                            const Shape& input) const {
  check(tail_ != nullptr, "a clean detector has no tail for a noisy activation");
  check(input.size() == 4, "a head's input is N x 3 x H x W, got ", input.size(), " sizes");
  return faces_in(tail_(noisy_activation), input);
}

std::vector<Detection> Detector::faces_in(const std::vector<Tensor>& outputs,
                                          const Shape& input) const {
  return decode_outputs(outputs, input, options_.input.scale,
                        {.threshold = options_.threshold,
                         .keep_before_nms = options_.keep_before_nms,
                         .nms_iou = options_.nms_iou,
                         .keep_after_nms = options_.keep_after_nms});
}

}  // namespace scrim
