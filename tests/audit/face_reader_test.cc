#include "audit/face_reader.h"

#include "support/expect_error.h"
#include "support/plain_observer.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <list>

namespace scrim {
namespace {

// A cell is 16 template pixels and 2 target pixels: template place 8 is the first cell.
constexpr Similarity kAligned{2 / 16.0, 0, -0.5, -0.5};

Tensor cells_at(float value) { return {{1, 2, 7, 6}, std::vector<float>(2UL * 7 * 6, value)}; }

torch::Tensor cross_entropy(const torch::Tensor& outputs, const torch::Tensor& shown) {
  return torch::cross_entropy_loss(outputs, shown);
}

// Nineteen faces of twenty show 0: a reader that counted faces would call the other one 0 as well.
TEST(FaceReader, LearnsWhatIsRareAsWell) {
  const Decoder decoder = plain_observer(2, 2);
  std::list<Tensor> kept;
  std::vector<FaceInView> faces;
  for (int i = 0; i < 20; ++i) {
    kept.push_back(cells_at(i == 0 ? 0.3F : -0.3F));
    faces.push_back({&kept.back(), kAligned, i == 0});
  }
  FaceReader reader(decoder, 2);
  ReaderTraining training;
  training.steps = 80;
  reader.train(faces, cross_entropy, {}, training);
  const auto outputs = reader.read(
      {{view_of_activation(kept.front()), kAligned}, {view_of_activation(kept.back()), kAligned}},
      0);
  EXPECT_EQ(outputs.argmax(1)[0].item<std::int64_t>(), 1);
  EXPECT_EQ(outputs.argmax(1)[1].item<std::int64_t>(), 0);
}

TEST(FaceReader, StopsWhenToldToAndNeedsFaces) {
  const Decoder decoder = plain_observer(2, 2);
  FaceReader reader(decoder, 2);
  ReaderTraining training;
  expect_error(ErrorCode::kInvalidArgument, "faces",
               [&] { reader.train({}, cross_entropy, {}, training); });
  expect_error(ErrorCode::kInvalidArgument, "faces", [&] { reader.read({}, 0); });
  std::stop_source stop;
  stop.request_stop();
  training.stop = stop.get_token();
  const Tensor one = cells_at(1);
  expect_error(ErrorCode::kUnavailable, "stopped", [&] {
    reader.train({{&one, kAligned, 0}}, cross_entropy, {}, training);
  });
}

}  // namespace
}  // namespace scrim
