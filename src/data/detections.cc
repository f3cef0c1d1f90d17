#include "data/detections.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace scrim {
namespace {

// The variances that FaceBoxes was trained with: of the centre, of the logarithm of the size.
constexpr float kCentreVariance = 0.1F;
constexpr float kSizeVariance = 0.2F;

// Prior boxes of one size in every cell of one feature map, at `per_axis` offsets each way.
struct PriorSet {
  float size;  // pixels
  int per_axis;
  float first_offset;  // in cells; the dense ones start at 0 and are not centred
};

constexpr PriorSet kStep32[] = {{32, 4, 0.0F}, {64, 2, 0.0F}, {128, 1, 0.5F}};
constexpr PriorSet kStep64[] = {{256, 1, 0.5F}};
constexpr PriorSet kStep128[] = {{512, 1, 0.5F}};

struct FeatureMap {
  int step;  // pixels a cell
  std::span<const PriorSet> sets;
};

constexpr FeatureMap kFeatureMaps[] = {{32, kStep32}, {64, kStep64}, {128, kStep128}};

struct Candidate {
  std::size_t prior;
  float score;
};

int cells(int pixels, int step) { return (pixels + step - 1) / step; }

// The priors of one set in one cell, in pixels of the input.
void append_cell(std::vector<Prior>& priors, const FeatureMap& map, const PriorSet& set, int row,
                 int column) {
  const auto step = static_cast<float>(map.step);
  const float share = 1.0F / static_cast<float>(set.per_axis);
  for (int i = 0; i < set.per_axis; ++i) {
    const float y = set.first_offset + share * static_cast<float>(i);
    for (int j = 0; j < set.per_axis; ++j) {
      const float x = set.first_offset + share * static_cast<float>(j);
      priors.push_back({(static_cast<float>(column) + x) * step,
                        (static_cast<float>(row) + y) * step, set.size, set.size});
    }
  }
}

Prior in_shares(const Prior& prior, int width, int height) {
  const auto w = static_cast<float>(width);
  const auto h = static_cast<float>(height);
  return {prior.cx / w, prior.cy / h, prior.w / w, prior.h / h};
}

// All at once without a branch: a picture has some 150,000 values.
void check_finite(std::span<const float> values, const char* what) {
  bool finite = true;
  for (const float value : values) finite &= std::isfinite(value);
  check(finite, what, " holds a value that is not finite");
}

// The priors over the threshold, best score first; equal scores keep the order of the priors.
std::vector<Candidate> best_candidates(std::span<const float> conf, const DecodeOptions& options) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < conf.size() / 2; ++i) {
    const float score = conf[2 * i + 1];
    if (score > options.threshold) candidates.push_back({i, score});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  const auto limit = static_cast<std::size_t>(options.keep_before_nms);
  if (candidates.size() > limit) candidates.resize(limit);
  return candidates;
}

Box decoded(const Prior& prior, const float* loc, float width, float height) {
  const float w = prior.w * std::exp(kSizeVariance * loc[2]);
  const float h = prior.h * std::exp(kSizeVariance * loc[3]);
  const float x1 = prior.cx + kCentreVariance * loc[0] * prior.w - w / 2;
  const float y1 = prior.cy + kCentreVariance * loc[1] * prior.h - h / 2;
  return {x1 * width, y1 * height, (x1 + w) * width, (y1 + h) * height};
}

// Greedy: a box stays unless a better one that stayed covers it.
std::vector<Detection> suppressed(const std::vector<Detection>& sorted, float limit, int keep) {
  std::vector<Detection> kept;
  for (const Detection& detection : sorted) {
    if (kept.size() >= static_cast<std::size_t>(keep)) break;
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
      return iou(better.box, detection.box, 1) > limit;
    });
    if (!covered) kept.push_back(detection);
  }
  return kept;
}

}  // namespace

std::vector<Prior> priors_for(int width, int height) {
  check(width > 0 && height > 0, "an input must have at least 1 x 1 pixels, got ", width, " x ",
        height);
  std::vector<Prior> priors;
  for (const FeatureMap& map : kFeatureMaps) {
    for (int row = 0; row < cells(height, map.step); ++row) {
      for (int column = 0; column < cells(width, map.step); ++column) {
        for (const PriorSet& set : map.sets) append_cell(priors, map, set, row, column);
      }
    }
  }
  for (Prior& prior : priors) prior = in_shares(prior, width, height);
  return priors;
}

float iou(const Box& a, const Box& b, float pixel) {
  const float w = std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + pixel;
  const float h = std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + pixel;
  if (w <= 0 || h <= 0) return 0;
  const float common = w * h;
  const float areas =
      (a.width() + pixel) * (a.height() + pixel) + (b.width() + pixel) * (b.height() + pixel);
  return common / (areas - common);
}

std::vector<Detection> decode_detections(std::span<const float> loc, std::span<const float> conf,
                                         int input_width, int input_height, double scale,
                                         const DecodeOptions& options) {
  const std::vector<Prior> priors = priors_for(input_width, input_height);
  check(loc.size() == 4 * priors.size() && conf.size() == 2 * priors.size(), "an input of ",
        input_width, " x ", input_height, " pixels has ", priors.size(), " priors, got ",
        loc.size(), " values of loc and ", conf.size(), " of conf");
  check(scale > 0 && std::isfinite(scale), "the scale must be positive, got ", scale);
  check(options.keep_before_nms >= 0 && options.keep_after_nms >= 0,
        "the number of kept boxes must not be negative, got ", options.keep_before_nms, " and ",
        options.keep_after_nms);
  check_finite(loc, "loc");
  check_finite(conf, "conf");

  const auto width = static_cast<float>(input_width / scale);
  const auto height = static_cast<float>(input_height / scale);
  std::vector<Detection> detections;
  for (const Candidate& candidate : best_candidates(conf, options)) {
    const std::size_t i = candidate.prior;
    const Box box = decoded(priors[i], &loc[4 * i], width, height);
    check_finite(std::array{box.x1, box.y1, box.x2, box.y2}, "a decoded box");
    detections.push_back({box, candidate.score});
  }
  return suppressed(detections, options.nms_iou, options.keep_after_nms);
}

std::vector<Detection> decode_outputs(std::span<const Tensor> outputs, const Shape& input,
                                      double scale, const DecodeOptions& options) {
  if (outputs.size() != 2) {
    fail(ErrorCode::kUnsupported,
         "a face detector has two outputs, loc and conf, this network has ", outputs.size());
  }
  check(input.size() == 4 && input[0] == 1, "detections are decoded one picture at a time");
  return decode_detections(outputs[0].values, outputs[1].values, static_cast<int>(input[3]),
                           static_cast<int>(input[2]), scale, options);
}

}  // namespace scrim
