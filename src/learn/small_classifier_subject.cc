#include "learn/subjects.h"

#include "network/script_file.h"
#include "network/small_classifier.h"

#include <algorithm>

namespace scrim {
namespace {

// The head up to here is never trained: the first layers see edges and colours.
constexpr const char* kClassifierTrunkEnd = "conv2";

std::size_t unit_index(std::string_view name) {
  const auto& names = SmallClassifierImpl::split_points();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

class SmallClassifierSubject final : public Subject {
 public:
  using Subject::tail;

  SmallClassifierSubject(SmallClassifier network, std::string split_point)
      : network_(std::move(network)),
        split_point_(std::move(split_point)),
        trunk_end_(unit_index(split_point_) < unit_index(kClassifierTrunkEnd)
                       ? split_point_
                       : kClassifierTrunkEnd) {
    freeze();
  }

  torch::Tensor trunk(const torch::Tensor& input) override {
    return network_->head(input, trunk_end_);
  }
  torch::Tensor middle(const torch::Tensor& trunk_activation) override {
    return network_->between(trunk_activation, trunk_end_, split_point_);
  }
  Outputs tail(const torch::Tensor& activation) override {
    return {network_->tail(activation, split_point_)};
  }

  FrozenTail frozen_tail() const override {
    SmallClassifier copy(network_->linear->weight.size(0));
    copy_state(*network_, *copy);
    return [copy, split_point = split_point_](const torch::Tensor& activation) mutable -> Outputs {
      const torch::NoGradGuard no_grad;
      return {copy->tail(activation, split_point)};
    };
  }

  Trainable train_middle_and_tail() override { return train_after(unit_index(trunk_end_)); }
  Trainable train_tail() override { return train_after(unit_index(split_point_)); }
  void freeze() override { train_after(network_->children().size()); }

  std::string model() const override { return "classifier"; }
  std::string split_point() const override { return split_point_; }
  std::vector<std::string> classes() const override { return network_->class_names(); }
  std::int64_t stride() const override { return SmallClassifierImpl::stride_at(split_point_); }
  CleanNetwork clean_network() const override {
    return {"adapted.safetensors", format_safetensors(weights_of(network_))};
  }
  void to(torch::Device device) override { network_->to(device); }

  void export_head(const NoiseParameters& code, const std::filesystem::path& path,
                   const Encoder& encoder) override {
    save_script(script_head(network_, split_point_, &code, encoder), path);
  }
  void export_tail(const NoiseParameters& code, const std::filesystem::path& path) override {
    save_script(script_tail(network_, split_point_, &code), path);
  }

 private:
  // Units after unit `last` and the linear layer are trained, batch norms included; the others are
  // not, and stay as they are.
  Trainable train_after(std::size_t last) {
    Trainable trained;
    std::size_t place = 0;  // the linear layer is the last child
    for (const auto& child : network_->children()) {
      choose(*child, place++ > last, trained);
    }
    return trained;
  }

  std::vector<bool> set_modes(const std::vector<bool>& modes) override {
    return exchange_modes(*network_, modes);
  }

  SmallClassifier network_;
  std::string split_point_;
  std::string trunk_end_;
};

}  // namespace

std::unique_ptr<Subject> open_small_classifier(const std::filesystem::path& weights,
                                               const std::string& split_point) {
  const std::string point =
      split_point.empty() ? SmallClassifierImpl::kDefaultSplitPoint : split_point;
  SmallClassifierImpl::stride_at(point);  // throws kNotFound
  return std::make_unique<SmallClassifierSubject>(
      small_classifier_of(read_safetensors(weights), weights), point);
}

}  // namespace scrim
