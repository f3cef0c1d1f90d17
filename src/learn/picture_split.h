// Which pictures of a training set serve which purpose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace scrim {

// Places in a set of pictures. Statistics are taken from eight tenths; one tenth may only widen the
// variances, one measures what is kept. Half of the latter is never trained on: the learner is
// validated with it.
struct PictureSplit {
  std::vector<std::size_t> training;  // all but validation
  std::vector<std::size_t> statistics, margin, held_out;
  std::vector<std::size_t> validation;
};

// The same for the same count and seed. Fewer than 10 pictures serve all purposes but validation,
// which has none; fewer than 20 leave it out as well.
PictureSplit split_pictures(std::size_t count, std::uint64_t seed);

}  // namespace scrim
