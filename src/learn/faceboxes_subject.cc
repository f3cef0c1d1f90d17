#include "learn/subjects.h"

#include "base/check.h"
#include "network/export.h"
#include "network/faceboxes.h"
#include "release/safetensors.h"

#include <algorithm>

namespace scrim {
namespace {

// The head up to here is never trained: the first layers see edges and colours, which every data
// set shares.
constexpr const char* kTrunkEnd = "pool2";

std::size_t stage_index(std::string_view name) {
  const auto& stages = FaceBoxesImpl::split_points();
  return static_cast<std::size_t>(std::find(stages.begin(), stages.end(), name) - stages.begin());
}

class FaceBoxesSubject final : public Subject {
 public:
  FaceBoxesSubject(FaceBoxes network, std::string split_point)
      : network_(std::move(network)),
        split_point_(std::move(split_point)),
        trunk_end_(stage_index(split_point_) < stage_index(kTrunkEnd) ? split_point_ : kTrunkEnd) {
    network_->lay_out();
    freeze();
  }

  torch::Tensor trunk(const torch::Tensor& input) override {
    return network_->head(input, trunk_end_);
  }
  torch::Tensor middle(const torch::Tensor& trunk_activation) override {
    return network_->between(trunk_activation, trunk_end_, split_point_);
  }
  Outputs tail(const torch::Tensor& activation) override {
    const auto [loc, logits] = network_->tail(activation, split_point_);
    return {loc, logits};
  }
  Outputs tail(const Arrived& arrived) override {
    const auto [loc, logits] =
        network_->coded_tail({arrived.y, arrived.decode, arrived.mean}, split_point_);
    return {loc, logits};
  }

  FrozenTail frozen_tail() const override {
    FaceBoxes copy;
    copy_state(*network_, *copy);
    copy->lay_out();
    return [copy, split_point = split_point_](const torch::Tensor& activation) mutable -> Outputs {
      const torch::NoGradGuard no_grad;
      const auto [loc, logits] = copy->tail(activation, split_point);
      return {loc, logits};
    };
  }

  Trainable train_middle_and_tail() override { return train_after(stage_index(trunk_end_)); }
  Trainable train_tail() override { return train_after(stage_index(split_point_)); }
  void freeze() override { train_after(FaceBoxesImpl::split_points().size()); }

  std::string model() const override { return "faceboxes"; }
  std::string split_point() const override { return split_point_; }
  std::int64_t stride() const override { return FaceBoxesImpl::stride_at(split_point_); }
  CleanNetwork clean_network() const override {
    return {"adapted.safetensors", format_safetensors(weights_of(network_))};
  }
  void to(torch::Device device) override { network_->to(device); }

  void export_head(const NoiseParameters& code, const std::filesystem::path& path,
                   const Encoder& encoder) override {
    scrim::export_head(network_, split_point_, code, path, encoder);
  }
  void export_tail(const NoiseParameters& code, const std::filesystem::path& path) override {
    scrim::export_tail(network_, split_point_, code, path);
  }

 private:
  // Modules after stage `last` are trained, batch norms included; the others are not, and stay as
  // they are.
  Trainable train_after(std::size_t last) {
    Trainable trained;
    const bool any = last < FaceBoxesImpl::split_points().size();
    for (const auto& child : network_->named_children()) {
      const std::size_t stage =
          stage_index(child.key());  // one past the last for what follows the stages
      choose(*child.value(), any && stage > last, trained);
    }
    return trained;
  }

  std::vector<bool> set_modes(const std::vector<bool>& modes) override {
    return exchange_modes(*network_, modes);
  }

  FaceBoxes network_;
  std::string split_point_;
  std::string trunk_end_;
};

}  // namespace

std::unique_ptr<Subject> open_faceboxes(const std::filesystem::path& weights,
                                        const std::string& split_point) {
  if (!FaceBoxesImpl::has_split_point(split_point)) {
    std::string known;
    for (const auto& name : FaceBoxesImpl::split_points())
      known += (known.empty() ? "" : ", ") + name;
    fail(ErrorCode::kNotFound, "no split point ", split_point, " in FaceBoxes; it has ", known);
  }
  return std::make_unique<FaceBoxesSubject>(read_faceboxes(weights), split_point);
}

}  // namespace scrim
