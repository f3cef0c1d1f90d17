#include "learn/encoded.h"

namespace scrim {
namespace {

constexpr double kEncoderRate = 6e-4;
constexpr double kWeightDecay = 1e-4;
constexpr double kMomentum = 0.1;           // of the running statistics
constexpr double kSmallestVariance = 1e-8;  // added, as batch norm does; variances are about 1

class Encoded final : public Obfuscator {
 public:
  Encoded(std::unique_ptr<Obfuscator> code, Encoder encoder)
      : Obfuscator(code->channels(), code->clip()),
        inner_(std::move(code)),
        encoder_(std::move(encoder)) {
    const Code start = inner_->code();
    const auto device = encoder_->back->weight.device();
    mean_ = start.mean.clone().to(device);
    variance_ = torch::ones({start.basis.size(0)}, mean_.options());
    train(false);
  }

  std::vector<ParameterGroup> parameters() override {
    std::vector<ParameterGroup> groups = inner_->parameters();
    groups.push_back({encoder_->parameters(), kEncoderRate, kWeightDecay});
    return groups;
  }
  std::vector<torch::Tensor> buffers() override {
    std::vector<torch::Tensor> all = encoder_->buffers();
    all.insert(all.end(), {mean_, variance_});
    return all;
  }
  void train(bool training) override {
    training_ = training;
    encoder_->train(training);
  }
  void after_step(int step) override { inner_->after_step(step); }

  Encoder encoder() const override { return encoder_; }
  torch::Tensor encoded(const torch::Tensor& activation) const override {
    return encoder_->forward(activation);
  }
  void calibrate(const Moments& encoded) override {
    const torch::NoGradGuard no_grad;
    const auto basis = inner_->code().basis;
    mean_.copy_(encoded.mean());
    variance_.copy_((basis.mm(encoded.covariance()) * basis).sum(1));
  }

  Code code() const override {
    Code code = inner_->code();
    code.basis = code.basis / (variance_.to(torch::kCPU) + kSmallestVariance).sqrt().unsqueeze(1);
    code.offset = code.mean - mean_.to(torch::kCPU);
    code.mean = mean_.to(torch::kCPU).clone();
    return code;
  }
  torch::Tensor spectrum(const torch::Tensor& alphas) const override {
    return inner_->spectrum(alphas);
  }
  CodeTensors tensors() const override { return inner_->tensors(); }

 private:
  torch::Tensor apply(const CodeTensors& code, const torch::Tensor& activation) const override {
    const auto encoded = encoder_->forward(activation);
    CodeTensors centred = code;
    centred.mean = mean_.to(torch::kFloat32);
    const auto y = Obfuscator::apply(centred, encoded);
    if (!training_) {
      const auto deviation = (variance_ + kSmallestVariance).sqrt().to(torch::kFloat32);
      return y / deviation.view({1, -1, 1, 1});
    }
    const auto batch_mean = torch::zeros({y.size(1)}, y.options());
    const auto batch_variance = torch::ones_like(batch_mean);
    const auto unit = torch::batch_norm(y, {}, {}, batch_mean, batch_variance, /*training=*/true,
                                        /*momentum=*/1, kSmallestVariance, /*cudnn_enabled=*/false);
    follow(encoded.detach(), batch_variance);
    return unit;
  }

  void follow(const torch::Tensor& encoded, const torch::Tensor& batch_variance) const {
    const torch::NoGradGuard no_grad;
    torch::Tensor(mean_).lerp_(encoded.mean({0, 2, 3}).to(torch::kFloat64), kMomentum);
    torch::Tensor(variance_).lerp_(batch_variance.to(torch::kFloat64), kMomentum);
  }

  std::unique_ptr<Obfuscator> inner_;
  mutable Encoder encoder_;        // running a torch module is not const
  torch::Tensor mean_, variance_;  // N of what is coded, K of the inner directions; float64
  bool training_ = false;
};

}  // namespace

std::unique_ptr<Obfuscator> encoded_obfuscator(std::unique_ptr<Obfuscator> code, Encoder encoder) {
  return std::make_unique<Encoded>(std::move(code), std::move(encoder));
}

}  // namespace scrim
