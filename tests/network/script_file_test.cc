#include "network/script_file.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <torch/types.h>

#include <limits>

namespace scrim {
namespace {

torch::jit::Module scaler(float factor) {
  torch::jit::Module module("Scaler");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_parameter("factor", torch::full({1}, factor), /*is_buffer=*/false);
  module.define("def forward(self, x):\n    return x * self.factor\n");
  return module;
}

TEST(ScriptFile, RestoresWhatWasSaved) {
  const TemporaryFolder folder;
  save_script(scaler(3), folder / "scaler.pt");
  torch::jit::Module module = load_script(folder / "scaler.pt");
  EXPECT_EQ(module.forward({torch::ones({1})}).toTensor().item<float>(), 3.0F);
  EXPECT_FALSE(module.is_training());
}

TEST(ScriptFile, ATruncatedFileIsCorruptAtEveryLength) {
  const TemporaryFolder folder;
  save_script(scaler(3), folder / "scaler.pt");
  const std::string bytes = read_file(folder / "scaler.pt");
  for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 40) {
    expect_error(ErrorCode::kCorrupt, "not a TorchScript file",
                 [&] { parse_script(bytes.substr(0, length), "half a file"); });
  }
}

TEST(ScriptFile, BytesOfSomethingElseAreCorrupt) {
  for (const std::string bytes : {"", "PK\x03\x04", "\x80\x02}q\x00.", "a text\n"}) {
    expect_error(ErrorCode::kCorrupt, "noise is not a TorchScript file",
                 [&] { parse_script(bytes, "noise"); });
  }
}

// Whatever a damaged byte does, it ends in a module or in one of our errors.
TEST(ScriptFile, AChangedByteNeverEndsInAnotherException) {
  const TemporaryFolder folder;
  save_script(scaler(3), folder / "scaler.pt");
  const std::string bytes = read_file(folder / "scaler.pt");
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 60) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(~changed[at]);
    try {
      parse_script(changed, "a damaged file");
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(ScriptFile, NamesAMissingFileAndAMissingForward) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "none.pt", [&] { load_script(folder / "none.pt"); });
  torch::jit::Module idle("Idle");
  idle.register_attribute("training", c10::BoolType::get(), false);
  idle.define("def other(self, x):\n    return x\n");
  save_script(idle, folder / "idle.pt");
  expect_error(ErrorCode::kCorrupt, "no forward", [&] { load_script(folder / "idle.pt"); });
}

TEST(ScriptFile, RefusesAWeightThatIsNotANumberButTakesAnInfiniteBuffer) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  expect_error(ErrorCode::kCorrupt, "weight 'factor' is not finite",
               [&] { check_weights(scaler(nan), "the network"); });
  expect_error(ErrorCode::kCorrupt, "weight 'factor'",
               [&] { check_weights(scaler(infinity), "the network"); });
  torch::jit::Module masked = scaler(1);
  masked.register_buffer("mask", torch::full({2}, -infinity));
  EXPECT_NO_THROW(check_weights(masked, "the network"));
  masked.register_buffer("state", torch::full({2}, nan));
  expect_error(ErrorCode::kCorrupt, "buffer 'state'",
               [&] { check_weights(masked, "the network"); });
}

}  // namespace
}  // namespace scrim
