// From a FaceBoxes output to boxes: priors, decoding, non-maximum suppression.
#pragma once

#include <scrim/dataset.h>

#include <span>
#include <vector>

namespace scrim {

// A prior box in shares of the input's width and height.
struct Prior {
  float cx, cy, w, h;
};

// The priors of an input of width x height pixels, in the network's order: steps 32, 64, 128.
std::vector<Prior> priors_for(int width, int height);

// Intersection over union; `pixel` is 1 for the +1 convention of the suppression, else 0.
float iou(const Box& a, const Box& b, float pixel = 0);

struct DecodeOptions {
  float threshold = 0.05F;
  int keep_before_nms = 5000;
  float nms_iou = 0.3F;
  int keep_after_nms = 750;
};

// loc: priors x 4, conf: priors x 2 (softmax applied). Boxes in pixels of the original picture
// (the input's size divided by `scale`), best score first; equal scores in the order of the priors.
// Throws kInvalidArgument on values that are not finite, or another number of them.
std::vector<Detection> decode_detections(std::span<const float> loc, std::span<const float> conf,
                                         int input_width, int input_height, double scale,
                                         const DecodeOptions& options);

// The same from what a detector returned for one picture; `input` is the shape that it was given,
// 1 x 3 x H x W. Throws kUnsupported unless there are two outputs, loc and conf.
std::vector<Detection> decode_outputs(std::span<const Tensor> outputs, const Shape& input,
                                      double scale, const DecodeOptions& options);

}  // namespace scrim
