#include "learn/match.h"

#include <cmath>

namespace scrim {
namespace {

constexpr float kMatchIou = 0.35F;
constexpr float kForcedIou = 0.2F;
constexpr float kIgnoreIou = 0.3F;

Box box_of(const Prior& prior, float size) {
  return {(prior.cx - prior.w / 2) * size, (prior.cy - prior.h / 2) * size,
          (prior.cx + prior.w / 2) * size, (prior.cy + prior.h / 2) * size};
}

std::array<float, 4> encode(const Prior& prior, const Box& face, float size) {
  const float cx = (face.x1 + face.x2) / 2 / size;
  const float cy = (face.y1 + face.y2) / 2 / size;
  return {(cx - prior.cx) / (0.1F * prior.w), (cy - prior.cy) / (0.1F * prior.h),
          std::log(face.width() / size / prior.w) / 0.2F,
          std::log(face.height() / size / prior.h) / 0.2F};
}

// The priors whose box can overlap `face` at all are few: a cheap rejection before the division.
bool apart(const Box& a, const Box& b) {
  return a.x1 >= b.x2 || b.x1 >= a.x2 || a.y1 >= b.y2 || b.y1 >= a.y2;
}

}  // namespace

Targets match_faces(std::span<const Prior> priors, const WindowFaces& faces, int size) {
  const auto extent = static_cast<float>(size);
  Targets targets{std::vector<std::int64_t>(priors.size(), kBackground),
                  std::vector<std::array<float, 4>>(priors.size())};
  std::vector<Box> boxes(priors.size());
  for (std::size_t p = 0; p < priors.size(); ++p) boxes[p] = box_of(priors[p], extent);

  for (const Box& face : faces.ignored) {
    for (std::size_t p = 0; p < priors.size(); ++p) {
      if (!apart(boxes[p], face) && iou(boxes[p], face) >= kIgnoreIou) targets.labels[p] = kIgnored;
    }
  }
  std::vector<float> best_of_prior(priors.size(), 0.0F);
  std::vector<std::pair<std::size_t, const Box*>> forced;
  for (const Box& face : faces.faces) {
    float best = 0;
    std::size_t best_prior = 0;
    for (std::size_t p = 0; p < priors.size(); ++p) {
      if (apart(boxes[p], face)) continue;
      const float overlap = iou(boxes[p], face);
      if (overlap > best) {
        best = overlap;
        best_prior = p;
      }
      if (overlap >= kMatchIou && overlap > best_of_prior[p]) {
        best_of_prior[p] = overlap;
        targets.labels[p] = kFace;
        targets.offsets[p] = encode(priors[p], face, extent);
      }
    }
    if (best > kForcedIou) forced.emplace_back(best_prior, &face);
  }
  for (const auto& [prior, face] : forced) {
    targets.labels[prior] = kFace;
    targets.offsets[prior] = encode(priors[prior], *face, extent);
  }
  return targets;
}

}  // namespace scrim
