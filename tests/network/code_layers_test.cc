#include "network/code_layers.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// Three channels, two directions.
NoiseParameters some_code() {
  NoiseParameters code;
  code.channels = 3;
  code.directions = 2;
  code.mean = {1, 2, 3};
  code.basis = {1, 0, 2, 0, 1, -1};
  code.decode = {1, 2, 3, 4, 5, 6};
  return code;
}

torch::Tensor applied(const Convolution& layer, const std::vector<float>& cell) {
  const auto channels = static_cast<std::int64_t>(cell.size());
  const torch::Tensor x = torch::tensor(cell, torch::kFloat64).view({1, channels, 1, 1});
  return torch::conv2d(x, layer.weight, layer.bias.to(torch::kFloat64)).view({-1});
}

TEST(CodeLayers, EncodingIsTheBasisOfWhatIsCentred) {
  const torch::Tensor y = applied(encoding(some_code(), 3, "here"), {2, 4, 8});
  EXPECT_TRUE(y.equal(torch::tensor({11.0, -3.0}, torch::kFloat64))) << y;
}

TEST(CodeLayers, DecodingAddsTheMean) {
  const torch::Tensor z = applied(decoding(some_code(), 3, "here"), {10, 100});
  EXPECT_TRUE(z.equal(torch::tensor({211.0, 432.0, 653.0}, torch::kFloat64))) << z;
}

TEST(CodeLayers, RefuseOtherChannelsAndMissingNumbers) {
  expect_error(ErrorCode::kInvalidArgument, "3 channels, 'here' has 4",
               [] { encoding(some_code(), 4, "here"); });
  NoiseParameters code = some_code();
  code.decode.pop_back();
  expect_error(ErrorCode::kInvalidArgument, "decode has 5 numbers, 3 x 2",
               [&] { decoding(code, 3, "here"); });
}

}  // namespace
}  // namespace scrim
