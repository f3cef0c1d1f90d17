#include "data/scene.h"

#include "data/background.h"
#include "data/mat.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace scrim {
namespace {

// Drawn at twice the size, so that the details of small faces blur together as a camera's do.
constexpr int kOversampling = 2;

// How many people, and how high their faces are in shares of the picture's height.
struct Crowd {
  int fewest, most;
  double smallest, largest;
};
constexpr std::array kCrowds = {Crowd{1, 2, 0.25, 0.6}, Crowd{3, 7, 0.1, 0.26},
                                Crowd{3, 7, 0.1, 0.26}, Crowd{3, 10, 0.035, 0.35},
                                Crowd{10, 36, 0.03, 0.1}};

cv::Rect2f around(const FacePose& pose, float left, float top, float right, float bottom) {
  return {pose.centre.x - left * pose.half_width, pose.centre.y - top * pose.half_height,
          (left + right) * pose.half_width, (top + bottom) * pose.half_height};
}

// The share of `face` that a person at `nearer` hides with head or body.
float hidden(const FacePose& face, const FacePose& nearer) {
  const cv::Rect2f area = around(face, 1, 1, 1, 1);
  const cv::Rect2f head = around(nearer, 1.2F, 1.6F, 1.2F, 1.4F);
  const cv::Rect2f body = around(nearer, 2.1F, -1.4F, 2.1F, 14);
  return ((area & head).area() + (area & body).area()) / area.area();
}

bool fits(const FacePose& pose, const std::vector<FacePose>& farther) {
  return std::all_of(farther.begin(), farther.end(),
                     [&](const FacePose& face) { return hidden(face, pose) < 0.25F; });
}

// Faces in ascending size. In one picture in two they differ little, as in rows of seats.
std::vector<float> draw_half_heights(Random& random, int height) {
  const Crowd& crowd = random.pick(std::span<const Crowd>(kCrowds));
  const double low =
      random.chance(0.5) ? crowd.smallest : random.between(crowd.smallest, crowd.largest * 0.8);
  std::vector<float> half_heights;
  for (int i = crowd.fewest + random.below(crowd.most - crowd.fewest + 1); i > 0; --i) {
    const double share = low * std::pow(crowd.largest / low, random.share());
    half_heights.push_back(static_cast<float>(0.5 * share * height));
  }
  std::sort(half_heights.begin(), half_heights.end());
  return half_heights;
}

// Farthest (smallest) first, so that nearer people are drawn over farther ones. The camera looks
// down a little: who is nearer stands lower, give or take `disorder` of the height.
std::vector<FacePose> place_people(Random& random, cv::Size size) {
  const auto half_heights = draw_half_heights(random, size.height);
  const float disorder = random.betweenf(0.2, 1.2);
  std::vector<FacePose> people;
  for (std::size_t i = 0; i < half_heights.size(); ++i) {
    const auto rank = static_cast<float>(i + 1) / static_cast<float>(half_heights.size() + 1);
    const float room = static_cast<float>(size.height) - 2 * half_heights[i];
    for (int attempt = 0; attempt < 20; ++attempt) {
      const float down = std::clamp(rank + disorder * random.betweenf(-0.5, 0.5), 0.0F, 1.0F);
      const cv::Point2f centre(random.betweenf(0.02, 0.98) * static_cast<float>(size.width),
                               down * room + half_heights[i]);
      const FacePose pose = random_pose(random, centre, half_heights[i]);
      if (!fits(pose, people)) continue;
      people.push_back(pose);
      break;
    }
  }
  return people;
}

// A hand, a microphone or a bar over the lower or the outer part of a face.
void draw_occluder(cv::Mat& canvas, Random& random, const FacePose& face) {
  const float unit = face.half_height;
  const float side = random.chance(0.5) ? 1.0F : -1.0F;
  const cv::Point2f at =
      face.centre + cv::Point2f(side * random.betweenf(0.3, 0.9), random.betweenf(0.5, 1)) * unit;
  const Points shape = ellipse(at, unit * random.betweenf(0.12, 0.35),
                               unit * random.betweenf(0.3, 0.7), random.betweenf(-0.8, 0.8));
  fill(canvas, shape, {any_colour(random), 1, 0.01F * unit});
  round_off(canvas, shape, 0.12F * unit, 0.35F);
}

void draw_shadow(cv::Mat& canvas, Random& random) {
  const auto w = static_cast<float>(canvas.cols), h = static_cast<float>(canvas.rows);
  Points shape;
  for (int i = 0; i < 4; ++i) {
    shape.push_back({random.betweenf(-0.2, 1.2) * w, random.betweenf(-0.2, 1.2) * h});
  }
  fill(canvas, shape, {Colour::all(0), random.betweenf(0.15, 0.45), random.betweenf(0, 0.03) * h});
}

FacePose shrunk(FacePose pose) {
  pose.centre /= kOversampling;
  pose.half_height /= kOversampling;
  pose.half_width /= kOversampling;
  return pose;
}

}  // namespace

void photograph(cv::Mat& picture, Random& random) {
  const float level = random.betweenf(0.75, 1.35);
  const cv::Scalar cast(level * random.betweenf(0.88, 1.12), level * random.betweenf(0.94, 1.06),
                        level * random.betweenf(0.88, 1.12));
  cv::multiply(picture, cast, picture);
  if (random.chance(0.4)) cv::GaussianBlur(picture, picture, {}, random.between(0.3, 1.1));
  if (random.chance(0.1)) cv::blur(picture, picture, {2 + random.below(3), 1});
  if (random.chance(0.06)) {
    cv::Mat grey;
    cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
    cv::cvtColor(grey, picture, cv::COLOR_GRAY2BGR);
  }
  const double amplitude = random.between(0, 9);
  for (auto it = picture.begin<cv::Vec3b>(); it != picture.end<cv::Vec3b>(); ++it) {
    for (int c = 0; c < 3; ++c) {
      const double noise = random.between(-1, 1) + random.between(-1, 1);
      (*it)[c] = cv::saturate_cast<std::uint8_t>((*it)[c] + amplitude * noise);
    }
  }
}

DrawnScene draw_scene(Random& random, int width, int height) {
  cv::Mat canvas(height * kOversampling, width * kOversampling, CV_8UC3);
  draw_background(canvas, random);
  for (int things = random.below(16); things > 0; --things) draw_thing(canvas, random);

  DrawnScene scene;
  for (const FacePose& pose : place_people(random, canvas.size())) {
    draw_person(canvas, random, pose);
    if (random.chance(0.1)) draw_occluder(canvas, random, pose);
    scene.faces.push_back(shrunk(pose));
  }
  if (random.chance(0.3)) draw_shadow(canvas, random);

  cv::Mat picture;
  cv::resize(canvas, picture, {width, height}, 0, 0, cv::INTER_AREA);
  photograph(picture, random);
  scene.picture = to_image(picture);
  return scene;
}

}  // namespace scrim
