// From a face's own coordinates to pixels, and the brush in those coordinates.
#pragma once

#include "data/brush.h"
#include "data/drawn_face.h"

namespace scrim {

// Face coordinates: u from -1 (left rim) to 1 (right rim), v from -1 (hairline) to 1 (chin). Eyes
// lie at u = +-0.45, v = -0.25, the nose's tip at v = 0.15, the mouth at v = 0.47: the mean places
// inside the boxes of a trained FaceBoxes.
class FaceFrame {
 public:
  explicit FaceFrame(const FacePose& pose) : pose_(pose) {}

  // A point of the face's surface, an ellipsoid that yaw and pitch turn.
  cv::Point2f on_surface(float u, float v) const;
  // A point of the silhouette, which only roll turns.
  cv::Point2f on_outline(float u, float v) const;
  Points on_surface(const Points& uv) const;
  Points on_outline(const Points& uv) const;
  // An ellipse on the surface.
  Points spot(float u, float v, float ru, float rv, float angle = 0) const;
  // A smooth open curve through three points of the surface, as a polyline.
  Points arc(cv::Point2f from, cv::Point2f through, cv::Point2f to) const;

  // Half the face's height in pixels: the unit for softness and thickness.
  float size() const { return pose_.half_height; }
  const FacePose& pose() const { return pose_; }

 private:
  cv::Point2f placed(float x, float y) const;

  FacePose pose_;
};

}  // namespace scrim
