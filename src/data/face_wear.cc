#include "data/face_wear.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// A polygon given by its right half, mirrored.
Points mirrored(Points right) {
  Points all = right;
  for (auto it = right.rbegin(); it != right.rend(); ++it) all.push_back({-it->x, it->y});
  return all;
}

void draw_shoulders(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  // Bodies stay upright when heads tilt.
  FacePose pose = frame.pose();
  pose.roll *= 0.2F;
  const FaceFrame body(pose);
  const float spread = random.betweenf(1.9, 2.6);
  const float drop = random.betweenf(1.45, 1.75);
  const Points outline = body.on_outline(mirrored({{0, 1.35F},
                                                   {0.55F, 1.4F},
                                                   {spread * 0.8F, drop},
                                                   {spread, drop + 0.6F},
                                                   {spread * 1.05F, 5},
                                                   {spread * 0.75F, 14}}));
  fill(canvas, outline, {look.clothes, 1, 0.02F * frame.size()});
  roughen(canvas, outline, random, {0.25F * frame.size(), 0.8F * frame.size()}, 0.12F);
  round_off(canvas, outline, 0.3F * frame.size(), 0.3F);
  if (random.chance(0.4)) {
    const Colour collar = shaded(look.clothes, random.chance(0.5) ? 0.5F : 1.7F);
    fill(canvas, body.on_outline(mirrored({{0, 1.9F}, {0.5F, 1.3F}, {0.68F, 1.42F}, {0, 2.4F}})),
         {collar, 1, 0.01F * frame.size()});
  }
}

void draw_neck(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look) {
  const Points neck = frame.on_outline(mirrored({{0, 1.75F}, {0.5F, 1.5F}, {0.55F, 0.5F}}));
  fill(canvas, neck, {shaded(look.skin, 0.78F), 1, 0.02F * frame.size()});
  light(canvas, neck, {0, 1}, 0.6F, 1.1F);
}

Points hair_back(const FaceFrame& frame, const FaceLook& look) {
  switch (look.hair_style) {
    case HairStyle::kBald:
    case HairStyle::kShort:
      return {};
    case HairStyle::kSide:
    case HairStyle::kBun:
      return frame.on_outline(
          mirrored({{0, -1.6F}, {0.7F, -1.45F}, {1.15F, -0.8F}, {1.16F, 0.3F}}));
    case HairStyle::kCurly:
      return frame.on_outline(ellipse({0, -0.45F}, 1.5F, 1.35F));
    case HairStyle::kLong:
      return frame.on_outline(mirrored({{0, -1.65F},
                                        {0.6F, -1.55F},
                                        {1.1F, -1.05F},
                                        {1.3F, -0.2F},
                                        {1.4F, 1.2F},
                                        {1.2F, 1.9F},
                                        {0.5F, 1.8F}}));
  }
  return {};
}

// Curls are round, strands are long.
cv::Size2f hair_spot(const FaceFrame& frame, const FaceLook& look) {
  if (look.hair_style == HairStyle::kCurly) return cv::Size2f(0.1F, 0.1F) * frame.size();
  return cv::Size2f(0.05F, 0.4F) * frame.size();
}

void draw_hair_back(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const Points outline = hair_back(frame, look);
  if (outline.empty()) return;
  fill(canvas, outline, {shaded(look.hair, 0.85F), 1, 0.035F * frame.size()});
  roughen(canvas, outline, random, hair_spot(frame, look), 0.3F);
  if (look.hair_style == HairStyle::kBun) {
    fill(canvas, frame.on_outline(ellipse({0, -1.75F}, 0.5F, 0.35F)),
         {look.hair, 1, 0.03F * frame.size()});
  }
}

// The hair on the skull and its edge on the forehead; a parting lies left or right.
Points hair_front(Random& random, const FaceFrame& frame, const FaceLook& look) {
  const float grow = look.hair_style == HairStyle::kCurly ? 0.3F : 0.1F;
  const float line = look.hairline;
  const float parting = random.betweenf(-0.6, 0.6);
  const float fringe = random.chance(0.3) ? random.betweenf(0.1, 0.35) : 0;
  return frame.on_outline({{-1.05F - grow / 2, -0.15F},
                           {-1.1F - grow, -0.7F},
                           {-0.8F - grow, -1.25F},
                           {-0.35F, -1.5F - grow},
                           {0.35F, -1.5F - grow},
                           {0.8F + grow, -1.25F},
                           {1.1F + grow, -0.7F},
                           {1.05F + grow / 2, -0.15F},
                           {0.93F, -0.45F},
                           {0.75F, line + 0.15F + fringe},
                           {parting + 0.2F, line + fringe},
                           {parting, line - 0.12F + fringe},
                           {parting - 0.2F, line + fringe},
                           {-0.75F, line + 0.15F + fringe},
                           {-0.93F, -0.45F}});
}

void draw_hair_front(cv::Mat& canvas, Random& random, const FaceFrame& frame,
                     const FaceLook& look) {
  if (look.hair_style == HairStyle::kBald) return;
  const Points outline = hair_front(random, frame, look);
  fill(canvas, outline, {look.hair, 1, 0.03F * frame.size()});
  roughen(canvas, outline, random, hair_spot(frame, look), 0.25F);
  light(canvas, outline, {0, 1}, 1.35F, 0.75F);
  if (look.hair_style != HairStyle::kLong) return;
  for (const float side : {-1.0F, 1.0F}) {
    fill(canvas,
         frame.on_outline({{side * 0.9F, -0.7F},
                           {side * 1.25F, -0.6F},
                           {side * 1.4F, 1.4F},
                           {side * 1.0F, 1.5F},
                           {side * 1.0F, 0.3F}}),
         {shaded(look.hair, 0.95F), 1, 0.04F * frame.size()});
  }
}

void draw_cap(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const float brim = look.headwear == Headwear::kCap ? -0.62F : -0.7F;
  const Points dome = frame.on_outline({{-1.15F, brim},
                                        {-1.12F, -1.05F},
                                        {-0.75F, -1.55F},
                                        {0, -1.75F},
                                        {0.75F, -1.55F},
                                        {1.12F, -1.05F},
                                        {1.15F, brim},
                                        {0, brim - 0.1F}});
  fill(canvas, dome, {look.headwear_colour, 1, 0.02F * frame.size()});
  roughen(canvas, dome, random, {0.06F * frame.size(), 0.2F * frame.size()},
          look.headwear == Headwear::kKnit ? 0.25F : 0.06F);
  round_off(canvas, dome, 0.25F * frame.size(), 0.35F);
  const float reach = look.headwear == Headwear::kCap ? 0.22F : 0.06F;
  const Points rim = frame.on_surface({{-1.05F, brim - 0.05F},
                                       {0, brim - 0.2F},
                                       {1.05F, brim - 0.05F},
                                       {0.8F, brim + reach},
                                       {0, brim + reach + 0.05F},
                                       {-0.8F, brim + reach}});
  fill(canvas, rim, {shaded(look.headwear_colour, 0.65F), 1, 0.015F * frame.size()});
}

// A scarf around the whole head, the face left open.
void draw_scarf(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  Points ring = frame.on_outline(mirrored(
      {{0, -1.6F}, {0.75F, -1.45F}, {1.22F, -0.8F}, {1.3F, 0.3F}, {1.35F, 1.9F}, {0, 2.2F}}));
  // The opening is walked backwards from the ring's first corner, which makes it a hole.
  const Points opening = frame.on_outline(ellipse({0, 0.05F}, 0.93F, 0.98F, 1.5707963F));
  const cv::Point2f start = ring.front();
  ring.push_back(start);
  Points hole = frame.on_outline(ellipse({0, 0.02F}, 0.92F, 0.96F));
  ring.insert(ring.end(), hole.rbegin(), hole.rend());
  ring.push_back(hole.back());
  ring.push_back(start);
  fill(canvas, ring, {look.headwear_colour, 1, 0.02F * frame.size()});
  roughen(canvas, ring, random, {0.2F * frame.size(), 0.5F * frame.size()}, 0.2F);
}

void draw_headwear(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  if (look.headwear == Headwear::kNone) return;
  if (look.headwear == Headwear::kScarf) return draw_scarf(canvas, random, frame, look);
  draw_cap(canvas, random, frame, look);
}

void draw_glasses(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const float width = random.betweenf(0.27, 0.36), height = random.betweenf(0.13, 0.22);
  const Colour rim = random.chance(0.7) ? Colour{25, 25, 30} : Colour{60, 90, 150};
  const float thickness = random.betweenf(0.02, 0.06) * frame.size();
  for (const float side : {-1.0F, 1.0F}) {
    Points lens = frame.spot(side * 0.45F, -0.23F, width, height);
    if (look.dark_glasses) fill(canvas, lens, {{22, 20, 20}, 0.93F, 0.01F * frame.size()});
    if (!look.dark_glasses) fill(canvas, lens, {{235, 235, 235}, 0.12F, 0.01F * frame.size()});
    lens.push_back(lens.front());
    stroke(canvas, lens, thickness, {rim, 0.9F});
    stroke(canvas, frame.on_surface({{side * (0.43F + width), -0.26F}, {side * 1.02F, -0.32F}}),
           thickness, {rim, 0.9F});
  }
  stroke(canvas, frame.arc({-0.15F, -0.26F}, {0, -0.31F}, {0.15F, -0.26F}), thickness, {rim, 0.9F});
}

void draw_mask_folds(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look, float top) {
  const Colour fold = shaded(look.mask_colour, 0.72F);
  for (const float v : {0.3F, 0.5F, 0.7F}) {
    if (v < top + 0.15F) continue;
    stroke(canvas, frame.arc({-0.72F, v}, {0, v + 0.06F}, {0.72F, v}), 0.025F * frame.size(),
           {fold, 0.7F, 0.012F * frame.size()});
  }
}

void draw_mask(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  if (look.mask == FaceMask::kNone) return;
  const float top = look.mask == FaceMask::kBelowNose ? 0.3F : random.betweenf(-0.12, 0.05);
  const float side = top + random.betweenf(0.08, 0.25);
  const bool respirator = look.mask == FaceMask::kRespirator;
  for (const float u : {-1.0F, 1.0F}) {
    const Paint strap{shaded(look.mask_colour, 0.9F), 0.9F};
    stroke(canvas, frame.on_surface({{u * 0.82F, side}, {u * 1.05F, -0.2F}}), 0.03F * frame.size(),
           strap);
    stroke(canvas, frame.on_surface({{u * 0.75F, 0.85F}, {u * 1.05F, 0.15F}}), 0.03F * frame.size(),
           strap);
  }
  const float wide = random.betweenf(0.8, 0.95);
  const Points cloth = frame.on_surface(mirrored({{0, top},
                                                  {0.22F, top + 0.03F},
                                                  {wide * 0.6F, side - 0.03F},
                                                  {wide, side + 0.05F},
                                                  {wide * 0.92F, 0.7F},
                                                  {wide * 0.6F, 1.0F},
                                                  {0, 1.13F}}));
  fill(canvas, cloth, {look.mask_colour, 1, 0.012F * frame.size()});
  round_off(canvas, cloth, 0.16F * frame.size(), respirator ? 0.45F : 0.28F);
  light(canvas, cloth, {0, 1}, 1.1F, 0.82F);
  if (!respirator) return draw_mask_folds(canvas, frame, look, top);
  fill(canvas, frame.spot(0, 0.45F, 0.3F, 0.35F),
       {shaded(look.mask_colour, 1.15F), 0.5F, 0.1F * frame.size()});
  stroke(canvas, frame.arc({0, top}, {0.03F, 0.5F}, {0, 1.1F}), 0.02F * frame.size(),
         {shaded(look.mask_colour, 0.6F), 0.7F});
}

}  // namespace

Points head_outline(const FaceFrame& frame, const FaceLook& look, float grow) {
  constexpr int kCorners = 40;
  Points outline;
  for (int i = 0; i < kCorners; ++i) {
    const float t = static_cast<float>(2 * CV_PI * i / kCorners);
    const float down = std::sin(t);
    // The skull rises to -1.5; below the cheekbones the face narrows towards the chin.
    const float v = down < 0 ? -0.1F + down * (1.38F + grow) : -0.1F + down * (1.14F + grow);
    const float narrow = down > 0 ? 1 - look.jaw * down * down * 0.8F : 1.0F;
    outline.push_back({(1.02F + grow) * std::cos(t) * narrow, v});
  }
  return frame.on_outline(outline);
}

void draw_behind(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const bool long_hair = look.hair_style == HairStyle::kLong;
  if (long_hair && random.chance(0.5)) draw_hair_back(canvas, random, frame, look);
  draw_neck(canvas, frame, look);
  draw_shoulders(canvas, random, frame, look);
  draw_neck(canvas, frame, look);
  draw_hair_back(canvas, random, frame, look);
  if (long_hair) draw_neck(canvas, frame, look);
}

void draw_over(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  draw_mask(canvas, random, frame, look);
  if (look.glasses) draw_glasses(canvas, random, frame, look);
  if (look.headwear != Headwear::kScarf) draw_hair_front(canvas, random, frame, look);
  draw_headwear(canvas, random, frame, look);
}

}  // namespace scrim
