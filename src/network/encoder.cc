#include "network/encoder.h"

#include "base/check.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace scrim {

EncoderImpl::EncoderImpl(std::int64_t channels, std::uint64_t seed) {
  check(channels > 0 && channels % 2 == 0,
        "an encoder needs an even number of channels, the activation at the split point has ",
        channels);
  narrow = register_module("narrow", ConvUnit(channels, channels / 2, 3, 1, 1));
  back = register_module(
      "back", torch::nn::Conv2d(torch::nn::Conv2dOptions(channels / 2, channels, 3).padding(1)));
  const torch::NoGradGuard no_grad;
  torch::Tensor& weight = narrow->conv->weight;
  const double he = std::sqrt(2.0 / static_cast<double>(9 * channels));
  weight.copy_(torch::randn(weight.sizes(), at::detail::createCPUGenerator(seed)) * he);
  back->weight.zero_();
  back->bias.zero_();
}

torch::Tensor EncoderImpl::forward(const torch::Tensor& z) { return z + back(narrow(z)); }

std::string encoded(ScriptWriter& writer, const std::string& x, const Encoder& encoder) {
  if (!encoder) return x;
  const std::string y = writer.relu(writer.convolution(x, folded(encoder->narrow)));
  return writer.add(x, writer.convolution(y, {encoder->back->weight, encoder->back->bias, 1, 1}));
}

torch::jit::Module script_encoder(const Encoder& encoder) {
  const torch::NoGradGuard no_grad;
  ScriptWriter writer("Encoder");
  return writer.finish({encoded(writer, ScriptWriter::kInput, encoder)});
}

}  // namespace scrim
