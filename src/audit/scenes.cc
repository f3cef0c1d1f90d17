#include "audit/scenes.h"

#include "audit/targets.h"
#include "base/check.h"
#include "base/random.h"
#include "data/detections.h"
#include "data/mat.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kShallowStride = 32;
constexpr int kPlainBlock = 4;  // pixels a cell of the picture that stands in for a shallow cut
constexpr int kFacePadding = 30;
constexpr float kSurelyFace = 0.5F;
constexpr std::uint64_t kViewPurpose = 31;

// Targets are a quarter of the enlarged picture; a cell of fewer than 4 pixels is one pixel.
int block_of(std::int64_t stride) {
  return static_cast<int>(std::max<std::int64_t>(1, stride / kReduction));
}

TargetGrid grid_of(const Tensor& activation, std::int64_t stride) {
  return {static_cast<int>(activation.shape[2]), static_cast<int>(activation.shape[3]), stride,
          block_of(stride)};
}

Box resized(const Box& box, double factor) {
  const auto f = static_cast<float>(factor);
  return {box.x1 * f, box.y1 * f, box.x2 * f, box.y2 * f};
}

// after(before(p))
Similarity composed(const Similarity& after, const Similarity& before) {
  return {after.a * before.a - after.b * before.b, after.b * before.a + after.a * before.b,
          after.a * before.x - after.b * before.y + after.x,
          after.b * before.x + after.a * before.y + after.y};
}

// The target's pixels as an activation, one cell for each kPlainBlock x kPlainBlock of them.
Tensor plain_activation(const Image& target, int block) {
  const int rows = std::max(1, target.height / block), columns = std::max(1, target.width / block);
  cv::Mat small;
  cv::resize(view(target), small, {columns * kPlainBlock, rows * kPlainBlock}, 0, 0,
             cv::INTER_AREA);
  constexpr int kChannels = 3 * kPlainBlock * kPlainBlock;
  Tensor activation{{1, kChannels, rows, columns}, {}};
  for (int channel = 0; channel < kChannels; ++channel) {
    const int dy = channel / 3 / kPlainBlock, dx = channel / 3 % kPlainBlock;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const auto& pixel = small.at<cv::Vec3b>(row * kPlainBlock + dy, column * kPlainBlock + dx);
        activation.values.push_back(static_cast<float>(pixel[channel % 3]) / 64.0F - 2.0F);
      }
    }
  }
  return activation;
}

}  // namespace

SceneMaker::SceneMaker(const Release& release, const std::filesystem::path& weights, int threads)
    : rules_(release.manifest().input),
      stride_(release.manifest().stride),
      block_(block_of(stride_)),
      head_(Head::open(release, {.threads = threads})) {
  if (weights.empty()) {
    shallow_name_ = "the picture itself at 4 x 4 pixels a cell";
    shallow_block_ = kTargetBlock;
    return;
  }
  shallow_name_ = std::string("the clean activation after ") + kShallowSplit;
  shallow_block_ = block_of(kShallowStride);
  shallow_ = Network::load(weights, {.split_point = kShallowSplit, .threads = threads});
}

Tensor SceneMaker::shallow_of(const Tensor& input, const Image& target) const {
  return shallow_ ? shallow_->head(input).tensor : plain_activation(target, shallow_block_);
}

Scene SceneMaker::of_picture(const Image& picture, const std::string& name,
                             const std::vector<Box>& faces, double scale) const {
  InputRules rules = rules_;
  rules.scale = scale;
  const Tensor input = to_input(picture, rules);
  Scene scene;
  scene.name = name;
  scene.activation = head_(input).tensor;
  scene.target = to_picture(target_of(enlarge(picture, scale), grid_of(scene.activation, stride_)));
  scene.shallow = shallow_of(input, scene.target);
  for (const Box& face : faces) scene.faces.push_back(resized(face, scale / kReduction));
  return scene;
}

std::optional<Box> SceneMaker::find_face(const Image& picture) const {
  if (!shallow_) return std::nullopt;
  cv::Mat padded;
  cv::copyMakeBorder(view(picture), padded, kFacePadding, kFacePadding, kFacePadding, kFacePadding,
                     cv::BORDER_REPLICATE);
  const Image whole = to_image(padded);
  std::optional<Detection> best;
  for (const double scale : {2.0, 1.0, 4.0}) {
    InputRules rules = rules_;
    rules.scale = scale;
    const Tensor input = to_input(whole, rules);
    const std::vector<Tensor> outputs = (*shallow_)(input);
    const auto found = decode_detections(outputs.at(0).values, outputs.at(1).values,
                                         static_cast<int>(input.shape[3]),
                                         static_cast<int>(input.shape[2]), scale, {});
    if (!found.empty() && (!best || found.front().score > best->score)) best = found.front();
    if (best && best->score >= kSurelyFace) break;
  }
  if (!best) return std::nullopt;
  const float p = kFacePadding;
  return Box{best->box.x1 - p, best->box.y1 - p, best->box.x2 - p, best->box.y2 - p};
}

Similarity on_target(const Similarity& s, double scale) {
  // Pixel centres lie at whole numbers, so that p + 1/2 and not p is multiplied.
  const double factor = scale / kReduction, shift = (factor - 1) / 2;
  return {s.a * factor, s.b * factor, s.x * factor + shift, s.y * factor + shift};
}

FaceView face_view(const Image& picture, const Box& box, std::uint64_t seed, std::uint64_t index) {
  Random random(seed, kViewPurpose, index);
  cv::Mat pixels = view(picture).clone();
  Box face = box;
  if (random.chance(0.5)) {
    cv::flip(pixels, pixels, 1);
    const auto width = static_cast<float>(picture.width);
    face = {width - box.x2, box.y1, width - box.x1, box.y2};
  }
  const double enlarged = std::exp(random.between(-0.15, 0.15));
  const double turned = random.between(-0.14, 0.14);  // radians
  const double cx = (face.x1 + face.x2) / 2.0, cy = (face.y1 + face.y2) / 2.0;
  Similarity move{enlarged * std::cos(turned), enlarged * std::sin(turned), 0, 0};
  const double dx = random.between(-0.08, 0.08) * face.width();
  const double dy = random.between(-0.08, 0.08) * face.height();
  move.x = cx + dx - (move.a * cx - move.b * cy);
  move.y = cy + dy - (move.b * cx + move.a * cy);
  const cv::Matx23d matrix(move.a, -move.b, move.x, move.b, move.a, move.y);
  cv::Mat moved;
  cv::warpAffine(pixels, moved, matrix, pixels.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  const double contrast = random.between(0.8, 1.2), light = random.between(-25, 25);
  moved.convertTo(moved, CV_8U, contrast, light + 127 * (1 - contrast));
  return {to_image(moved), composed(move, template_to_picture(face))};
}

}  // namespace scrim
