// Soft, translucent shapes on a picture: all that a drawn face is made of.
#pragma once

#include "base/random.h"

#include <opencv2/core.hpp>

#include <vector>

namespace scrim {

using Points = std::vector<cv::Point2f>;
using Colour = cv::Vec3f;  // B, G, R in 0..255

struct Paint {
  Colour colour;
  float opacity = 1;
  float softness = 0;  // standard deviation of the edge, in pixels
};

// Fills a polygon, given in pixels with fractions. Parts outside the canvas (CV_8UC3) are cut off.
void fill(cv::Mat& canvas, const Points& outline, const Paint& paint);

// Draws an open line. Under one pixel of thickness the line fades instead of vanishing.
void stroke(cv::Mat& canvas, const Points& line, float thickness, const Paint& paint);

// Multiplies the inside of a polygon by 1 - depth at its rim, rising to 1 inside: what makes a flat
// shape look round. `reach` is how far the rim's shade goes in, in pixels.
void round_off(cv::Mat& canvas, const Points& outline, float reach, float depth);

// Multiplies the inside of a polygon by a factor that runs from `low` to `high` along `direction`
// (a unit vector), across the polygon's extent.
void light(cv::Mat& canvas, const Points& outline, cv::Point2f direction, float low, float high);

// Multiplies the inside of a polygon by 1 +- amplitude, in smooth spots of the given size in
// pixels: square ones for cloth and stone, high ones for hair.
void roughen(cv::Mat& canvas, const Points& outline, Random& random, cv::Size2f spot,
             float amplitude);

// An ellipse as a polygon.
Points ellipse(cv::Point2f centre, float rx, float ry, float angle = 0);

// The colour, each channel multiplied and kept in 0..255.
Colour shaded(const Colour& colour, float factor);
// Part of the way from one colour to another.
Colour mixed(const Colour& from, const Colour& to, float share);

}  // namespace scrim
