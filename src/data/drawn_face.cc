#include "data/drawn_face.h"

#include "data/face_wear.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

Colour dark(const FaceLook& look, float depth) {
  return shaded(look.skin, 1 - depth * look.contrast);
}

void draw_ears(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look) {
  const float turn = std::sin(frame.pose().yaw);
  for (const float side : {-1.0F, 1.0F}) {
    // The ear on the side that the face turns to is hidden behind it.
    if (side * turn > 0.2F) continue;
    const Points ear = frame.on_outline(ellipse({side * 1.04F, -0.1F}, 0.13F, 0.26F));
    fill(canvas, ear, {shaded(look.skin, 0.9F), 1, 0.015F * frame.size()});
    round_off(canvas, ear, 0.08F * frame.size(), 0.35F);
  }
}

void draw_head(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const Points head = head_outline(frame, look);
  fill(canvas, head, {look.skin, 1, 0.012F * frame.size()});
  round_off(canvas, head, 0.28F * frame.size(), 0.4F);
  roughen(canvas, head, random, {0.12F * frame.size(), 0.12F * frame.size()}, 0.04F);
  const Colour blush = mixed(look.skin, Colour{90, 90, 220}, 0.35F);
  for (const float side : {-1.0F, 1.0F}) {
    fill(canvas, frame.spot(side * 0.55F, 0.18F, 0.22F, 0.18F),
         {blush, random.betweenf(0, 0.5), 0.12F * frame.size()});
    fill(canvas, frame.spot(side * 0.45F, 0.0F, 0.25F, 0.07F),
         {shaded(look.skin, 1.2F), 0.4F, 0.08F * frame.size()});
  }
  fill(canvas, frame.spot(0, -0.68F, 0.5F, 0.16F),
       {shaded(look.skin, 1.2F), 0.4F, 0.12F * frame.size()});
}

void draw_eye(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look, float side) {
  const float u = side * 0.45F, v = -0.25F, unit = frame.size();
  // The socket's shade is what a small face shows of its eyes.
  fill(canvas, frame.spot(u * 0.95F, v - 0.05F, 0.3F, 0.16F),
       {dark(look, 0.4F), 0.65F, 0.08F * unit});
  const float open = look.eye_open;
  const Points white = frame.spot(u, v, look.eye_width, open);
  // Never white: the lid's shade lies on it.
  fill(canvas, white, {mixed({215, 220, 224}, look.skin, 0.25F), 0.95F, 0.006F * unit});
  const float iris = std::min(0.095F, open + 0.035F);
  const float gaze = u + look.gaze * look.eye_width;
  if (open > 0.03F) {
    fill(canvas, frame.spot(gaze, v, iris, std::min(iris * 0.85F, open)),
         {look.iris, 1, 0.006F * unit});
    fill(canvas, frame.spot(gaze, v, iris * 0.5F, std::min(iris * 0.45F, open)), {{8, 8, 8}, 1});
    fill(canvas, frame.spot(gaze - 0.03F, v - 0.03F, 0.018F, 0.015F), {{250, 250, 250}, 0.9F});
  }
  const cv::Point2f inner{u - look.eye_width, v + 0.01F}, outer{u + look.eye_width, v + 0.01F};
  stroke(canvas, frame.arc(inner, {u, v - open - 0.01F}, outer), 0.045F * unit,
         {{22, 22, 28}, 0.85F, 0.008F * unit});
  stroke(canvas, frame.arc(inner, {u, v + open + 0.01F}, outer), 0.02F * unit,
         {dark(look, 0.5F), 0.7F});
  stroke(canvas, frame.arc(inner, {u, v - open - 0.07F}, outer), 0.02F * unit,
         {dark(look, 0.4F), 0.6F, 0.01F * unit});
}

void draw_brow(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look,
               float side) {
  const float v = -0.25F - look.brow_height, tilt = random.betweenf(-0.05, 0.05);
  const Colour colour = mixed(shaded(look.hair, 0.8F), dark(look, 0.6F), 0.35F);
  stroke(canvas,
         frame.arc({side * 0.17F, v + 0.03F + tilt}, {side * 0.45F, v - 0.05F},
                   {side * 0.72F, v + 0.06F - tilt}),
         look.brow_thickness * frame.size() * 1.4F, {colour, 0.85F, 0.015F * frame.size()});
}

void draw_nose(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look, float lit_side) {
  const float w = look.nose_width, unit = frame.size();
  const Colour shade = dark(look, 0.35F);
  fill(canvas,
       frame.on_surface({{lit_side * -0.05F, -0.3F},
                         {lit_side * -0.16F, 0.0F},
                         {lit_side * -w, 0.18F},
                         {lit_side * -0.02F, 0.15F}}),
       {shade, 0.55F, 0.05F * unit});
  stroke(canvas, frame.arc({lit_side * 0.03F, -0.25F}, {lit_side * 0.03F, -0.05F}, {0, 0.1F}),
         0.07F * unit, {shaded(look.skin, 1.25F), 0.5F, 0.035F * unit});
  fill(canvas, frame.spot(0, 0.23F, w, 0.06F), {dark(look, 0.4F), 0.7F, 0.035F * unit});
  for (const float side : {-1.0F, 1.0F}) {
    fill(canvas, frame.spot(side * w * 0.5F, 0.2F, 0.05F, 0.03F),
         {dark(look, 0.75F), 0.85F, 0.012F * unit});
    stroke(canvas,
           frame.arc({side * w * 0.85F, 0.1F}, {side * w * 1.1F, 0.16F}, {side * w * 0.8F, 0.23F}),
           0.025F * unit, {dark(look, 0.4F), 0.6F, 0.012F * unit});
  }
  fill(canvas, frame.spot(0, 0.12F, 0.08F, 0.06F), {shaded(look.skin, 1.3F), 0.4F, 0.04F * unit});
}

void draw_open_mouth(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look) {
  const float w = look.mouth_width * 0.85F, open = look.mouth_open, unit = frame.size();
  const float v = 0.47F + open * 0.4F;
  fill(canvas, frame.spot(0, v, w, open), {{30, 25, 55}, 1, 0.012F * unit});
  fill(canvas, frame.spot(0, v - open * 0.5F, w * 0.8F, open * 0.35F),
       {{225, 230, 235}, 0.95F, 0.01F * unit});
}

void draw_mouth(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look) {
  const float w = look.mouth_width, corner = 0.47F - look.smile, unit = frame.size();
  const float drop = 0.1F + look.mouth_open * 1.3F;
  fill(canvas,
       frame.on_surface({{-w, corner},
                         {-0.12F, 0.4F},
                         {0, 0.42F},
                         {0.12F, 0.4F},
                         {w, corner},
                         {w * 0.5F, 0.45F + drop},
                         {0, 0.49F + drop},
                         {-w * 0.5F, 0.45F + drop}}),
       {look.lips, 0.85F, 0.015F * unit});
  if (look.mouth_open > 0) draw_open_mouth(canvas, frame, look);
  if (look.mouth_open <= 0) {
    stroke(canvas, frame.arc({-w, corner}, {0, 0.48F}, {w, corner}), 0.035F * unit,
           {dark(look, 0.75F), 0.85F, 0.01F * unit});
  }
  fill(canvas, frame.spot(0, 0.66F + look.mouth_open, 0.2F, 0.035F),
       {dark(look, 0.35F), 0.55F, 0.04F * unit});
}

void draw_wrinkles(cv::Mat& canvas, const FaceFrame& frame, const FaceLook& look) {
  const float unit = frame.size();
  const Paint line{dark(look, 0.35F), 0.5F * look.age, 0.015F * unit};
  for (const float side : {-1.0F, 1.0F}) {
    stroke(canvas, frame.arc({side * 0.25F, 0.18F}, {side * 0.42F, 0.34F}, {side * 0.46F, 0.52F}),
           0.03F * unit, line);
    stroke(canvas, frame.arc({side * 0.28F, -0.1F}, {side * 0.45F, -0.06F}, {side * 0.62F, -0.12F}),
           0.025F * unit, line);
  }
  for (const float v : {-0.62F, -0.72F}) {
    stroke(canvas, frame.arc({-0.45F, v}, {0, v - 0.03F}, {0.45F, v}), 0.02F * unit, line);
  }
}

void draw_beard(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const float unit = frame.size();
  const Points beard = frame.on_surface({{-0.95F, -0.05F},
                                         {-0.85F, 0.35F},
                                         {-0.4F, 0.36F},
                                         {0, 0.29F},
                                         {0.4F, 0.36F},
                                         {0.85F, 0.35F},
                                         {0.95F, -0.05F},
                                         {0.9F, 0.6F},
                                         {0.5F, 1.05F},
                                         {0, 1.15F},
                                         {-0.5F, 1.05F},
                                         {-0.9F, 0.6F}});
  fill(canvas, beard, {shaded(look.hair, 0.9F), look.beard, 0.05F * unit});
  roughen(canvas, beard, random, {0.04F * unit, 0.1F * unit}, 0.2F);
}

void draw_features(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  if (look.beard > 0) draw_beard(canvas, random, frame, look);
  for (const float side : {-1.0F, 1.0F}) {
    draw_eye(canvas, frame, look, side);
    draw_brow(canvas, random, frame, look, side);
  }
  draw_nose(canvas, frame, look, random.chance(0.5) ? 1.0F : -1.0F);
  draw_mouth(canvas, frame, look);
  if (look.age > 0) draw_wrinkles(canvas, frame, look);
}

// One light from the side over head and hair.
void draw_light(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look) {
  const float angle = random.betweenf(-0.4, CV_PI + 0.4);
  const float strength = random.betweenf(0.05, 0.5);
  const float level = random.betweenf(0.8, 1.1);
  light(canvas, head_outline(frame, look, 0.12F), {std::cos(angle), -std::sin(angle)},
        level * (1 - strength), level * (1 + strength * 0.5F));
}

}  // namespace

FacePose random_pose(Random& random, cv::Point2f centre, float half_height) {
  // The mean of three draws: mostly small angles.
  const auto angle = [&](double most) {
    const double sum = random.between(-1, 1) + random.between(-1, 1) + random.between(-1, 1);
    return static_cast<float>(most * sum / 3);
  };
  FacePose pose;
  pose.centre = centre;
  pose.half_height = half_height;
  pose.half_width = half_height * random.betweenf(0.74, 0.9);
  pose.roll = angle(0.6);
  pose.yaw = angle(1.2);
  pose.pitch = angle(0.4);
  return pose;
}

void draw_person(cv::Mat& canvas, Random& random, const FacePose& pose) {
  const FaceLook look = random_look(random);
  const FaceFrame frame(pose);
  draw_behind(canvas, random, frame, look);
  draw_ears(canvas, frame, look);
  draw_head(canvas, random, frame, look);
  draw_features(canvas, random, frame, look);
  draw_over(canvas, random, frame, look);
  draw_light(canvas, random, frame, look);
}

}  // namespace scrim
