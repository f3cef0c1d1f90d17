#include "data/background.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace scrim {
namespace {

float width(const cv::Mat& canvas) { return static_cast<float>(canvas.cols); }
float height(const cv::Mat& canvas) { return static_cast<float>(canvas.rows); }

Points rectangle(float x1, float y1, float x2, float y2) {
  return {{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}};
}

Points everything(const cv::Mat& canvas) {
  return rectangle(-1, -1, width(canvas) + 1, height(canvas) + 1);
}

cv::Point2f somewhere(const cv::Mat& canvas, Random& random) {
  return {random.betweenf(0, 1) * width(canvas), random.betweenf(0, 1) * height(canvas)};
}

cv::Point2f direction(Random& random) {
  const float angle = random.betweenf(0, 2 * CV_PI);
  return {std::cos(angle), std::sin(angle)};
}

void draw_wall(cv::Mat& canvas, Random& random) {
  fill(canvas, everything(canvas), {any_colour(random)});
  const float spot = random.betweenf(0.02, 0.4) * height(canvas);
  roughen(canvas, everything(canvas), random, {spot * random.betweenf(0.5, 3), spot},
          random.betweenf(0.02, 0.3));
}

void draw_street(cv::Mat& canvas, Random& random) {
  draw_wall(canvas, random);
  const float horizon = random.betweenf(0.3, 0.7) * height(canvas);
  for (float x = -0.1F * width(canvas); x < width(canvas);) {
    const float wide = random.betweenf(0.06, 0.3) * width(canvas);
    const float top = horizon - random.betweenf(0, 0.6) * height(canvas);
    const Colour front = any_colour(random);
    fill(canvas, rectangle(x, top, x + wide, height(canvas)), {front});
    const float step = random.betweenf(0.03, 0.08) * height(canvas);
    for (float y = top + step; random.chance(0.9) && y < horizon; y += 2 * step) {
      for (float w = x + step; w + step < x + wide; w += 2 * step) {
        fill(canvas, rectangle(w, y, w + step, y + 1.3F * step),
             {shaded(front, random.chance(0.2) ? 1.6F : 0.5F)});
      }
    }
    x += wide;
  }
  const Points ground = rectangle(0, horizon, width(canvas), height(canvas));
  fill(canvas, ground, {any_colour(random)});
  roughen(canvas, ground, random, {0.15F * height(canvas), 0.03F * height(canvas)}, 0.15F);
}

void draw_leaves(cv::Mat& canvas, Random& random) {
  const Colour base{random.betweenf(20, 70), random.betweenf(60, 140), random.betweenf(30, 90)};
  fill(canvas, everything(canvas), {shaded(base, 0.6F)});
  const int leaves = 60 + random.below(200);
  const float blur = random.betweenf(0, 0.012) * height(canvas);
  for (int i = 0; i < leaves; ++i) {
    const float size = random.betweenf(0.01, 0.07) * height(canvas);
    fill(canvas,
         ellipse(somewhere(canvas, random), size, size * random.betweenf(0.3, 0.9),
                 random.betweenf(0, 3)),
         {shaded(base, random.betweenf(0.4, 1.9)), 0.9F, blur});
  }
}

void draw_shelves(cv::Mat& canvas, Random& random) {
  draw_wall(canvas, random);
  const float step = random.betweenf(0.12, 0.3) * height(canvas);
  const Colour board = any_colour(random);
  for (float y = step; y < height(canvas) + step; y += step) {
    for (float x = 0; x < width(canvas);) {
      const float wide = random.betweenf(0.1, 0.5) * step;
      const float tall = random.betweenf(0.4, 0.9) * step;
      if (random.chance(0.85))
        fill(canvas, rectangle(x, y - tall, x + wide, y), {any_colour(random)});
      x += wide;
    }
    fill(canvas, rectangle(0, y, width(canvas), y + 0.08F * step), {board});
  }
}

void draw_tiles(cv::Mat& canvas, Random& random) {
  draw_wall(canvas, random);
  const float step = random.betweenf(0.03, 0.15) * height(canvas);
  const bool bricks = random.chance(0.5);
  const Paint joint{any_colour(random), 0.7F};
  const float thickness = std::max(1.0F, 0.08F * step);
  int row = 0;
  for (float y = 0; y < height(canvas); y += step, ++row) {
    stroke(canvas, {{0, y}, {width(canvas), y}}, thickness, joint);
    const float shift = bricks && row % 2 == 1 ? step : 0;
    for (float x = shift; x < width(canvas); x += bricks ? 2 * step : step) {
      stroke(canvas, {{x, y}, {x, y + step}}, thickness, joint);
    }
  }
}

// Lights out of focus.
void draw_bokeh(cv::Mat& canvas, Random& random) {
  fill(canvas, everything(canvas), {shaded(any_colour(random), 0.4F)});
  for (int i = 20 + random.below(50); i > 0; --i) {
    const float size = random.betweenf(0.01, 0.09) * height(canvas);
    fill(canvas, ellipse(somewhere(canvas, random), size, size),
         {shaded(any_colour(random), 1.3F), random.betweenf(0.2, 0.8), 0.15F * size});
  }
}

void draw_ball(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  const Points round = ellipse(at, size, size * random.betweenf(0.85, 1.2));
  fill(canvas, round, {any_colour(random)});
  round_off(canvas, round, 0.4F * size, 0.5F);
  light(canvas, round, direction(random), 0.6F, 1.3F);
  fill(canvas, ellipse(at - cv::Point2f(0.3F, 0.4F) * size, 0.2F * size, 0.15F * size),
       {Colour::all(255), 0.5F, 0.08F * size});
}

void draw_clock(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  fill(canvas, ellipse(at, size, size), {any_colour(random)});
  fill(canvas, ellipse(at, 0.85F * size, 0.85F * size), {Colour::all(random.betweenf(180, 250))});
  const auto hand = [&](float angle, float from, float to) {
    const cv::Point2f way(std::sin(angle), -std::cos(angle));
    stroke(canvas, {at + way * (from * size), at + way * (to * size)}, 0.08F * size,
           {{30, 30, 30}});
  };
  for (int hour = 0; hour < 12; ++hour) hand(static_cast<float>(hour * CV_PI / 6), 0.68F, 0.8F);
  hand(random.betweenf(0, 6.28), 0, 0.4F);
  hand(random.betweenf(0, 6.28), 0, 0.65F);
}

// A plate, a wheel or a target: rings.
void draw_rings(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  const float flat = random.betweenf(0.5, 1);
  const Colour one = any_colour(random), other = any_colour(random);
  for (const float share : {1.0F, 0.8F, 0.55F, 0.2F}) {
    fill(canvas, ellipse(at, share * size, share * size * flat),
         {share > 0.9F || share == 0.55F ? one : other});
  }
}

// Bare skin without a face: a hand, an arm, the back of a head.
void draw_skin(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  const Colour skin = mixed({60, 80, 120}, {175, 200, 235}, random.betweenf(0, 1));
  const Points shape = ellipse(at, size * random.betweenf(0.4, 1), size, random.betweenf(0, 3));
  fill(canvas, shape, {skin, 1, 0.03F * size});
  round_off(canvas, shape, 0.35F * size, 0.4F);
  if (!random.chance(0.5)) return;
  const Points hair = ellipse(at - cv::Point2f(0, 0.1F * size), 0.95F * size, 1.02F * size);
  fill(canvas, hair, {shaded(any_colour(random), 0.35F), 1, 0.04F * size});
  roughen(canvas, hair, random, {0.06F * size, 0.3F * size}, 0.3F);
}

void draw_box(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  const Points box = rectangle(at.x - size, at.y - size * random.betweenf(0.3, 2), at.x + size,
                               at.y + size * random.betweenf(0.3, 2));
  fill(canvas, box, {any_colour(random)});
  light(canvas, box, direction(random), 0.75F, 1.2F);
}

void draw_pole(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  const float lean = random.betweenf(-0.4, 0.4) * height(canvas);
  stroke(canvas, {{at.x, 0}, {at.x + lean, height(canvas)}}, std::max(1.0F, 0.25F * size),
         {any_colour(random)});
}

// Short dark strokes in rows, on a light ground.
void draw_text(cv::Mat& canvas, Random& random, cv::Point2f at, float size) {
  fill(canvas, rectangle(at.x - size, at.y - 0.6F * size, at.x + size, at.y + 0.6F * size),
       {any_colour(random)});
  const Paint ink{any_colour(random)};
  for (float y = -0.4F; y < 0.5F; y += 0.3F) {
    for (float x = -0.85F; x < 0.8F; x += random.betweenf(0.08, 0.2)) {
      const cv::Point2f from = at + cv::Point2f(x, y) * size;
      const cv::Point2f to = from + cv::Point2f(random.betweenf(-0.08, 0.08), 0.17F) * size;
      stroke(canvas, {from, to}, 0.05F * size, ink);
    }
  }
}

}  // namespace

Colour any_colour(Random& random) {
  const float grey = random.betweenf(20, 235);
  const float vivid = random.chance(0.3) ? random.betweenf(0, 110) : random.betweenf(0, 35);
  const Colour tint{random.betweenf(-1, 1), random.betweenf(-1, 1), random.betweenf(-1, 1)};
  return shaded(Colour::all(grey) + tint * vivid, 1);
}

void draw_background(cv::Mat& canvas, Random& random) {
  constexpr std::array kPlaces = {draw_wall,    draw_street, draw_street, draw_leaves,
                                  draw_shelves, draw_tiles,  draw_bokeh};
  random.pick(std::span<void (*const)(cv::Mat&, Random&)>(kPlaces))(canvas, random);
  light(canvas, everything(canvas), direction(random), random.betweenf(0.5, 1),
        random.betweenf(1, 1.4));
}

void draw_thing(cv::Mat& canvas, Random& random) {
  constexpr std::array kThings = {draw_ball, draw_clock, draw_rings, draw_skin, draw_skin,
                                  draw_box,  draw_box,   draw_pole,  draw_text};
  using Draw = void (*const)(cv::Mat&, Random&, cv::Point2f, float);
  const cv::Point2f at = somewhere(canvas, random);
  // Small things are more frequent than large ones, as faces are.
  const float size = 0.015F * std::pow(10.0F, random.betweenf(0, 1)) * height(canvas);
  random.pick(std::span<Draw>(kThings))(canvas, random, at, size);
}

}  // namespace scrim
