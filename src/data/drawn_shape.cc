#include "data/drawn_shape.h"

#include "data/background.h"
#include "data/mat.h"
#include "data/scene.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// Drawn at twice the size, so that edges blur together as a camera's do.
constexpr int kShapeOversampling = 2;
constexpr int kRoundPoints = 48;
// Of the brightness 0..255, between the shape and what lies behind it.
constexpr float kLeastContrast = 45;

cv::Point2f on_circle(double turn, double radius) {
  const double angle = 2 * CV_PI * turn;
  return {static_cast<float>(radius * std::sin(angle)),
          static_cast<float>(-radius * std::cos(angle))};
}

// An arc of a circle, from and to in turns.
void append_arc(Points& outline, double from, double to, double radius,
                cv::Point2f centre = {0, 0}) {
  for (int i = 0; i <= kRoundPoints; ++i) {
    outline.push_back(centre + on_circle(from + (to - from) * i / kRoundPoints, radius));
  }
}

// A polygon with corners on the circle, every second one at `inner` of the radius.
Points star_of(int points, double inner) {
  Points outline;
  for (int i = 0; i < 2 * points; ++i) {
    outline.push_back(on_circle(0.5 * i / points, i % 2 == 0 ? 1 : inner));
  }
  return outline;
}

Points regular(int corners) {
  Points outline;
  for (int i = 0; i < corners; ++i) outline.push_back(on_circle(1.0 * i / corners, 1));
  return outline;
}

Points ring() {
  Points outline;
  append_arc(outline, 0, 1, 1);
  append_arc(outline, 1, 0, 0.58);
  return outline;
}

Points cross() {
  constexpr float kArm = 0.96F, kHalf = 0.28F;
  return {{-kHalf, -kArm}, {kHalf, -kArm}, {kHalf, -kHalf}, {kArm, -kHalf},
          {kArm, kHalf},   {kHalf, kHalf}, {kHalf, kArm},   {-kHalf, kArm},
          {-kHalf, kHalf}, {-kArm, kHalf}, {-kArm, -kHalf}, {-kHalf, -kHalf}};
}

Points arrow() {
  return {{0, -1},         {0.75F, -0.1F},  {0.26F, -0.1F}, {0.26F, 0.95F},
          {-0.26F, 0.95F}, {-0.26F, -0.1F}, {-0.75F, -0.1F}};
}

// The unit disc without a disc of radius .8 whose centre lies .5 above. The tips lie on both
// circles, .61 above the centre: at .146 turns of the first and .228 of the second.
Points crescent() {
  Points outline;
  append_arc(outline, 0.1456, 0.8544, 1);
  append_arc(outline, 0.7722, 0.2278, 0.8, {0, -0.5F});
  return outline;
}

float brightness(const Colour& colour) { return (colour[0] + 2 * colour[1] + colour[2]) / 4; }

// A colour that stands out from `behind`.
Colour contrasting(Random& random, const Colour& behind) {
  for (int attempt = 0; attempt < 30; ++attempt) {
    const Colour colour = any_colour(random);
    if (std::abs(brightness(colour) - brightness(behind)) >= kLeastContrast) return colour;
  }
  return Colour::all(brightness(behind) > 127 ? 20.0F : 235.0F);
}

Colour mean_colour(const cv::Mat& canvas, cv::Point2f at, float reach) {
  const cv::Rect area(static_cast<int>(at.x - reach), static_cast<int>(at.y - reach),
                      static_cast<int>(2 * reach) + 1, static_cast<int>(2 * reach) + 1);
  const cv::Scalar mean = cv::mean(canvas(area & cv::Rect({0, 0}, canvas.size())));
  return {static_cast<float>(mean[0]), static_cast<float>(mean[1]), static_cast<float>(mean[2])};
}

cv::Point2f somewhere(Random& random, cv::Size size) {
  return {random.betweenf(0, size.width), random.betweenf(0, size.height)};
}

// Lines and specks: too thin or too small to be taken for the shape.
void draw_clutter(cv::Mat& canvas, Random& random, float unit) {
  for (int lines = random.below(5); lines > 0; --lines) {
    stroke(canvas, {somewhere(random, canvas.size()), somewhere(random, canvas.size())},
           random.betweenf(0.01, 0.03) * unit, {any_colour(random), 0.8F});
  }
  for (int specks = random.below(8); specks > 0; --specks) {
    const float size = random.betweenf(0.01, 0.04) * unit;
    fill(canvas, ellipse(somewhere(random, canvas.size()), size, size * random.betweenf(0.5, 1)),
         {any_colour(random), 0.9F});
  }
}

// The outline in pixels: squeezed along an axis of its own, then turned, enlarged and moved.
Points placed(const Points& outline, Random& random, cv::Point2f at, float size) {
  const float squeeze = random.betweenf(0.78, 1);
  const double angle = random.between(0, 2 * CV_PI);
  const auto c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
  Points result;
  for (const cv::Point2f& p : outline) {
    const cv::Point2f q(p.x * squeeze * size, p.y * size);
    result.push_back(at + cv::Point2f(c * q.x - s * q.y, s * q.x + c * q.y));
  }
  return result;
}

}  // namespace

Points shape_outline(Shape2d shape) {
  switch (shape) {
    case Shape2d::kDisc:
      return ellipse({0, 0}, 1, 1);
    case Shape2d::kRing:
      return ring();
    case Shape2d::kSquare:
      return regular(4);
    case Shape2d::kTriangle:
      return regular(3);
    case Shape2d::kStar:
      return star_of(5, 0.42);
    case Shape2d::kCross:
      return cross();
    case Shape2d::kArrow:
      return arrow();
    case Shape2d::kCrescent:
      return crescent();
  }
  return {};
}

Image draw_shape_picture(Random& random, Shape2d shape, int width, int height) {
  cv::Mat canvas(height * kShapeOversampling, width * kShapeOversampling, CV_8UC3);
  const auto shorter = static_cast<float>(std::min(canvas.cols, canvas.rows));
  draw_background(canvas, random);
  // A place that is softer than the shape: its own edges are no shapes.
  cv::GaussianBlur(canvas, canvas, {}, static_cast<double>(random.betweenf(0.02, 0.05) * shorter));
  draw_clutter(canvas, random, shorter);

  const float size = random.betweenf(0.15, 0.35) * shorter;
  const cv::Point2f at(random.betweenf(size, static_cast<float>(canvas.cols) - size),
                       random.betweenf(size, static_cast<float>(canvas.rows) - size));
  const Points outline = placed(shape_outline(shape), random, at, size);
  fill(canvas, outline, {contrasting(random, mean_colour(canvas, at, size)), 1, 0.02F * size});
  const float angle = random.betweenf(0, 2 * CV_PI);
  light(canvas, outline, {std::cos(angle), std::sin(angle)}, random.betweenf(0.85, 1), 1.1F);

  cv::Mat picture;
  cv::resize(canvas, picture, {width, height}, 0, 0, cv::INTER_AREA);
  photograph(picture, random);
  return to_image(picture);
}

}  // namespace scrim
