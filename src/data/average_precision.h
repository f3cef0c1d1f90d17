// Average precision: detections matched picture by picture, then the area under the envelope.
#pragma once

#include <scrim/dataset.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

struct MatchRules {
  double iou = 0.5;       // at least, for a detection to find a face
  double min_height = 0;  // faces lower than this, in pixels, neither help nor hurt
};

// A detection that counts: it found a face, or it is a false positive.
struct CountedDetection {
  float score = 0;
  bool correct = false;
};

// What one picture adds to the count.
struct PictureCount {
  int fold = 1;            // from 1
  std::int64_t faces = 0;  // that count
  std::vector<CountedDetection> detections;
};

// PASCAL's rules. From the best score down, each detection is compared with the face of highest
// IoU, ignored faces included. Below the rules' IoU it is a false positive; else it is dropped if
// that face is ignored, correct if the face is still free, and a duplicate, that is a false
// positive, if it is not.
PictureCount count_picture(std::span<const Detection> detections, const Sample& sample,
                           const MatchRules& rules);

// The counted detections of several pictures, best score first. Immutable.
class Ranking {
 public:
  // `members` are places in `pictures`: those of one fold, or all.
  Ranking(std::span<const PictureCount> pictures, std::span<const std::size_t> members);

  // The area under the full precision envelope when picture i of the run stands weights[i] times.
  // Detections of equal score enter together, so that the order of the pictures does not matter.
  // NaN if no face counts.
  double average_precision(std::span<const std::int32_t> weights) const;
  // The share of the faces that any detection finds. NaN if no face counts.
  double max_recall() const;
  std::int64_t faces() const;

 private:
  struct Entry {
    std::uint32_t picture;
    bool correct;
    bool last_of_its_score;
  };
  struct Faces {
    std::uint32_t picture;
    std::int64_t count;
  };
  std::vector<Entry> entries_;
  std::vector<Faces> faces_;
};

// One Ranking per fold, from fold 1 on.
std::vector<Ranking> rankings_by_fold(std::span<const PictureCount> pictures, int folds);

// The mean of the folds that have a face, that is, of the values that are not NaN.
double mean_of_folds(std::span<const double> folds);

// The mean average precision of a run in which every picture stands once: the mean of the folds
// that have a face. NaN if no face counts.
double mean_average_precision(std::span<const PictureCount> pictures, int folds);

}  // namespace scrim
