#include "learn/obfuscator.h"

namespace scrim {
namespace {

class ClosedForm final : public Obfuscator {
 public:
  ClosedForm(Code code, Objective objective, float clip)
      : Obfuscator(code.mean.numel(), clip),
        code_(std::move(code)),
        tensors_(code_tensors(code_)),
        objective_(objective) {}

  std::vector<ParameterGroup> parameters() override { return {}; }
  Code code() const override { return code_; }

  torch::Tensor spectrum(const torch::Tensor& alphas) const override {
    std::vector<torch::Tensor> rows;
    for (std::int64_t i = 0; i < alphas.numel(); ++i) {
      rows.push_back(
          torch::tensor(allocate(code_, alphas[i].item<double>(), objective_), torch::kFloat64));
    }
    return torch::stack(rows);
  }
  CodeTensors tensors() const override { return tensors_; }

 private:
  Code code_;
  CodeTensors tensors_;
  Objective objective_;
};

}  // namespace

Sent Obfuscator::send(const torch::Tensor& activation, const torch::Tensor& alphas,
                      std::uint64_t seed) const {
  const CodeTensors code = tensors().to(activation.device());
  const auto ratios = spectrum(alphas).to(activation.device(), torch::kFloat32);
  const auto snr = ratios.unsqueeze(2).unsqueeze(3);
  const auto gain = code.wiener ? snr / (1 + snr) : (snr > 0).to(torch::kFloat32);
  // gain / sqrt(SNR), finite for a direction without bits.
  const auto sigma =
      code.wiener ? snr.clamp_min(1e-30).sqrt() / (1 + snr) : gain * snr.clamp_min(1e-30).rsqrt();
  const auto y = apply(code, activation).clamp(-clip_, clip_);
  torch::manual_seed(seed);
  const auto z = torch::randn(y.sizes(), y.options());
  const auto noisy = gain * y + sigma * z;
  return {y,
          ratios,
          {noisy.contiguous(torch::MemoryFormat::ChannelsLast), code.decode,
           code.offset.defined() ? code.mean + code.offset : code.mean}};
}

torch::Tensor Obfuscator::directions(const torch::Tensor& activation) const {
  return apply(tensors().to(activation.device()), activation);
}

torch::Tensor Obfuscator::apply(const CodeTensors& code, const torch::Tensor& activation) const {
  const auto bias = -torch::mv(code.basis, code.mean);
  return torch::conv2d(activation, code.basis.unsqueeze(2).unsqueeze(3), bias);
}

std::vector<double> Obfuscator::snr(double alpha) const {
  const torch::NoGradGuard no_grad;
  const auto row = spectrum(torch::tensor({alpha}, torch::kFloat64)).flatten().contiguous();
  return {row.data_ptr<double>(), row.data_ptr<double>() + row.numel()};
}

std::unique_ptr<Obfuscator> closed_form_obfuscator(Code code, Objective objective, float clip) {
  return std::make_unique<ClosedForm>(std::move(code), objective, clip);
}

}  // namespace scrim
