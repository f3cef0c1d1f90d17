#include "learn/match.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr int kSize = 256;

std::int64_t count(const Targets& targets, std::int64_t label) {
  return std::count(targets.labels.begin(), targets.labels.end(), label);
}

Box box_of(const Prior& prior) {
  return {(prior.cx - prior.w / 2) * kSize, (prior.cy - prior.h / 2) * kSize,
          (prior.cx + prior.w / 2) * kSize, (prior.cy + prior.h / 2) * kSize};
}

TEST(Match, FaceOnAPriorTakesItWithNoOffset) {
  const auto priors = priors_for(kSize, kSize);
  const std::size_t chosen = 700;
  const Targets targets = match_faces(priors, {{box_of(priors[chosen])}, {}}, kSize);
  EXPECT_EQ(targets.labels[chosen], kFace);
  for (const float offset : targets.offsets[chosen]) EXPECT_NEAR(offset, 0, 1e-4);
}

TEST(Match, OffsetsDecodeToTheFace) {
  const auto priors = priors_for(kSize, kSize);
  const Box face{61, 70, 108, 131};
  const Targets targets = match_faces(priors, {{face}, {}}, kSize);
  ASSERT_GT(count(targets, kFace), 0);
  for (std::size_t p = 0; p < priors.size(); ++p) {
    if (targets.labels[p] != kFace) continue;
    const auto& [dx, dy, dw, dh] = targets.offsets[p];
    const Prior& prior = priors[p];
    // Decoding as in the published network: variances .1 and .2. Float32 through exp and log.
    EXPECT_NEAR((prior.cx + 0.1F * dx * prior.w) * kSize, (face.x1 + face.x2) / 2, 1e-3);
    EXPECT_NEAR((prior.cy + 0.1F * dy * prior.h) * kSize, (face.y1 + face.y2) / 2, 1e-3);
    EXPECT_NEAR(prior.w * std::exp(0.2F * dw) * kSize, face.width(), 1e-3);
    EXPECT_NEAR(prior.h * std::exp(0.2F * dh) * kSize, face.height(), 1e-3);
  }
}

TEST(Match, EveryLabelAgreesWithTheOverlapRule) {
  const auto priors = priors_for(kSize, kSize);
  const Box face{40, 50, 104, 120};
  const Targets targets = match_faces(priors, {{face}, {}}, kSize);
  float best = 0;
  for (const Prior& prior : priors) best = std::max(best, iou(box_of(prior), face));
  for (std::size_t p = 0; p < priors.size(); ++p) {
    const float overlap = iou(box_of(priors[p]), face);
    EXPECT_EQ(targets.labels[p] == kFace, overlap >= 0.35F || overlap == best) << p;
  }
}

TEST(Match, SmallFaceUnderTheThresholdForcesItsBestPrior) {
  const auto priors = priors_for(kSize, kSize);
  const Box face{96.5F, 96.5F, 113.5F, 113.5F};  // 17 px: at most IoU .28 with a 32 px prior
  const Targets targets = match_faces(priors, {{face}, {}}, kSize);
  EXPECT_EQ(count(targets, kFace), 1);
}

TEST(Match, FaceThatNoPriorReachesIsLeftOut) {
  const auto priors = priors_for(kSize, kSize);
  const Box speck{100, 100, 108, 108};  // IoU at most 64 / 1024
  EXPECT_EQ(count(match_faces(priors, {{speck}, {}}, kSize), kFace), 0);
}

TEST(Match, PriorsOnAnIgnoredFaceAreNoBackground) {
  const auto priors = priors_for(kSize, kSize);
  const Box ignored{40, 50, 104, 120};
  const Targets targets = match_faces(priors, {{}, {ignored}}, kSize);
  ASSERT_GT(count(targets, kIgnored), 0);
  EXPECT_EQ(count(targets, kFace), 0);
  for (std::size_t p = 0; p < priors.size(); ++p) {
    EXPECT_EQ(targets.labels[p] == kIgnored, iou(box_of(priors[p]), ignored) >= 0.3F) << p;
  }
}

}  // namespace
}  // namespace scrim
