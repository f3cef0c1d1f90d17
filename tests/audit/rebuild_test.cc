#include "audit/rebuild.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace scrim {
namespace {

Scene scene(int cells) {
  Scene scene;
  const auto side = static_cast<std::size_t>(2 * cells - 1);  // ends within its last cell
  scene.target = {2 * cells - 1, 2 * cells - 1, std::vector<std::uint8_t>(3 * side * side)};
  return scene;
}

TEST(Rebuild, TakesPicturesOfOneSizeTogetherAndKeepsTheirOrder) {
  std::vector<Scene> scenes;
  std::vector<torch::Tensor> observed;
  for (int i = 0; i < 12; ++i) {
    const int cells = i < 10 ? 3 : 4;
    scenes.push_back(scene(cells));
    observed.push_back(torch::full({1, 3, cells, cells}, i / 64.0));
  }
  std::vector<std::int64_t> batches;
  const auto rebuild = [&](const torch::Tensor& seen) {
    batches.push_back(seen.size(0));
    return seen.repeat_interleave(2, 2).repeat_interleave(2, 3);
  };
  const auto pictures = rebuilt(scenes, observed, rebuild, {});
  EXPECT_EQ(batches, (std::vector<std::int64_t>{8, 2, 2}));
  ASSERT_EQ(pictures.size(), 12U);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_EQ(pictures[i].width, scenes[i].target.width);
    EXPECT_EQ(pictures[i].pixels[0], 128 + i);
  }
}

TEST(Rebuild, RefusesAnObservationTooFewAndStopsWhenToldTo) {
  const auto same = [](const torch::Tensor& seen) { return seen; };
  expect_error(ErrorCode::kInvalidArgument, "each scene",
               [&] { rebuilt({scene(3)}, {}, same, {}); });
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kUnavailable, "stopped", [&] {
    rebuilt({scene(3)}, {torch::zeros({1, 3, 3, 3})}, same, stop.get_token());
  });
}

}  // namespace
}  // namespace scrim
