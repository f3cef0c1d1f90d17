#include "network/code_layers.h"

#include "base/check.h"

namespace scrim {
namespace {

torch::Tensor matrix(const std::vector<float>& values, std::int64_t rows, std::int64_t columns,
                     const char* what) {
  check(static_cast<std::int64_t>(values.size()) == rows * columns, "the code's ", what, " has ",
        values.size(), " numbers, ", rows, " x ", columns, " are needed");
  return torch::tensor(values, torch::kFloat64).view({rows, columns});
}

void check_channels(const NoiseParameters& code, std::int64_t channels,
                    std::string_view split_point) {
  check(code.channels == channels, "the code is for ", code.channels, " channels, '", split_point,
        "' has ", channels);
}

}  // namespace

Convolution encoding(const NoiseParameters& code, std::int64_t channels,
                     std::string_view split_point) {
  check_channels(code, channels, split_point);
  const torch::Tensor basis = matrix(code.basis, code.directions, code.channels, "basis");
  const torch::Tensor mean = matrix(code.mean, code.channels, 1, "mean");
  return {basis.view({code.directions, code.channels, 1, 1}), -basis.mm(mean).view({-1})};
}

Convolution decoding(const NoiseParameters& code, std::int64_t channels,
                     std::string_view split_point) {
  check_channels(code, channels, split_point);
  const torch::Tensor decode = matrix(code.decode, code.channels, code.directions, "decode");
  return {decode.view({code.channels, code.directions, 1, 1}),
          matrix(code.mean, code.channels, 1, "mean").view({-1})};
}

}  // namespace scrim
