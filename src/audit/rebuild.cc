#include "audit/rebuild.h"

#include "base/check.h"

#include <torch/types.h>

namespace scrim {
namespace {

constexpr std::size_t kAtOnce = 8;

}  // namespace

std::vector<Image> rebuilt(const std::vector<Scene>& scenes,
                           const std::vector<torch::Tensor>& observed, const Rebuild& rebuild,
                           const std::stop_token& stop) {
  check(scenes.size() == observed.size(), "an observation of each scene is needed");
  std::vector<Image> pictures;
  for (std::size_t first = 0, end = 0; first < scenes.size(); first = end) {
    if (stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
    while (end < scenes.size() && end - first < kAtOnce &&
           observed[end].sizes() == observed[first].sizes()) {
      ++end;
    }
    const auto begin = observed.begin();
    const auto units = rebuild(torch::cat(std::vector<torch::Tensor>(
        begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(end))));
    for (std::size_t i = first; i < end; ++i) {
      const auto one = units.narrow(0, static_cast<std::int64_t>(i - first), 1);
      pictures.push_back(fitted(to_picture(one), scenes[i].target.width, scenes[i].target.height));
    }
  }
  return pictures;
}

}  // namespace scrim
