#include "audit/alignment.h"

#include "base/check.h"

#include <array>

namespace scrim {
namespace {

struct Point {
  double x, y;
};

// Eyes, nose, corners of the mouth: mean shares of the width and height of FaceBoxes' box, measured
// on 5000 annotated portraits.
constexpr std::array<Point, 5> kShares = {
    {{.2588, .3774}, {.7036, .3716}, {.4825, .5731}, {.2966, .7432}, {.6823, .7391}}};

// The same in the template of SphereFace (Liu et al., 2017), which MobileFaceNet was trained with.
constexpr std::array<Point, 5> kTemplate = {
    {{30.29, 51.70}, {65.53, 51.50}, {48.03, 71.74}, {33.55, 92.37}, {62.73, 92.20}}};

Point mean_of(const std::array<Point, 5>& points) {
  Point mean{0, 0};
  for (const Point& p : points) mean = {mean.x + p.x / 5, mean.y + p.y / 5};
  return mean;
}

}  // namespace

Similarity template_to_picture(const Box& box) {
  check(box.width() > 0 && box.height() > 0, "a face's box must not be empty, got ", box.width(),
        " x ", box.height());
  std::array<Point, 5> picture{};
  for (std::size_t i = 0; i < picture.size(); ++i) {
    picture[i] = {box.x1 + kShares[i].x * box.width(), box.y1 + kShares[i].y * box.height()};
  }
  const Point from = mean_of(kTemplate), to = mean_of(picture);
  double along = 0, across = 0, square = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const Point u{kTemplate[i].x - from.x, kTemplate[i].y - from.y};
    const Point v{picture[i].x - to.x, picture[i].y - to.y};
    along += u.x * v.x + u.y * v.y;
    across += u.x * v.y - u.y * v.x;
    square += u.x * u.x + u.y * u.y;
  }
  const double a = along / square, b = across / square;
  return {a, b, to.x - a * from.x + b * from.y, to.y - b * from.x - a * from.y};
}

}  // namespace scrim
