// evidence/training.json: how a release was learned.
#pragma once

#include <scrim/learn.h>

#include "learn/promise.h"
#include "learn/stage.h"

#include <cstddef>
#include <string>
#include <vector>

namespace scrim {

inline constexpr int kBatch = 32;  // views a step

// The course of a run.
struct TrainingCourse {
  StageResult adapted, tail;
  std::string metric;          // of the scores, as in "AP"
  std::vector<double> scores;  // at the end, one an alpha; empty if nothing was validated
  std::size_t validation_pictures = 0;
  std::size_t pictures = 0;          // read
  std::vector<std::string> skipped;  // "name: why"
};

// JSON with a line feed at the end.
std::string training_record(const LearnOptions& options, const Promise& promise,
                            const TrainingCourse& course);

}  // namespace scrim
