#include "audit/decoder_file.h"

#include "base/files.h"
#include "release/safetensors.h"
#include "support/expect_error.h"
#include "support/linear_head.h"
#include "support/tiny_release.h"

#include <scrim/key.h>
#include <scrim/noise.h>

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr const char* kFile = "decoder.safetensors";

// A decoder of a release of three channels whose network says something: its last layer is not
// zero, as it is before training.
class DecoderFile : public ::testing::Test {
 protected:
  DecoderFile()
      : release_(tiny_release(folder_, tiny_noise())),
        pictures_(linear_head_pictures(4, 1)),
        decoder_({.channels = 3, .block = kLinearHeadBlock, .width = 16, .upper_width = 8},
                 conditions_of(release_.noise(), {0.5, 0.95}, {2, 4})) {
    torch::manual_seed(1);
    decoder_.fit_linear(linear_head_examples(pictures_), 1);
    const torch::NoGradGuard no_grad;
    for (auto& parameter : decoder_.network()->parameters()) {
      parameter.copy_(0.1 * torch::randn(parameter.sizes()));
    }
    bytes_ = format_decoder(decoder_, release_.id());
  }

  std::filesystem::path written(const std::string& bytes) const {
    write_file_atomically(folder_ / kFile, bytes);
    return folder_ / kFile;
  }
  TrainedDecoder loaded() const { return TrainedDecoder::load(written(bytes_), release_); }

  Image rebuilt(const Tensor& seen, std::size_t condition) {
    const torch::NoGradGuard no_grad;
    const auto observed = decoder_.scaled(view_of_activation(seen), condition);
    return to_picture(decoder_.decode(observed, condition));
  }

  // What is left of the file after a change to its contents.
  template <typename Change>
  std::string changed(Change change) const {
    Safetensors contents = parse_safetensors(bytes_, kFile);
    change(contents);
    return format_safetensors(contents);
  }
  void expect_corrupt(const std::string& part, const std::string& bytes) const {
    expect_error(ErrorCode::kCorrupt, part, [&] { parse_decoder(bytes, release_, kFile); });
  }

  TemporaryFolder folder_;
  Release release_;
  std::vector<LinearHeadPicture> pictures_;
  Decoder decoder_;
  std::string bytes_;
};

TEST_F(DecoderFile, RebuildsTheSamePictureBitForBit) {
  const TrainedDecoder decoder = loaded();
  EXPECT_EQ(decoder.alphas(), (std::vector<double>{0.5, 0.95}));
  EXPECT_EQ(decoder.pixels_per_cell(), kLinearHeadBlock);
  const Activation activation{pictures_[0].activation, {}};
  for (std::size_t i = 0; i < decoder_.conditions().size(); ++i) {
    const Condition& seen = decoder_.conditions()[i];
    if (seen.seen != Seen::kRelease || seen.draws > 1) continue;
    const Noise noise(release_, Key::from_bytes({1}), {.alpha = seen.alpha});
    const NoisyActivation noisy = noise(activation);
    const Image image = decoder.reconstruction(noisy);
    EXPECT_EQ(image.width, kLinearHeadBlock * kLinearHeadCells);
    EXPECT_EQ(image.pixels, rebuilt(noisy.tensor(), i).pixels) << seen.alpha;
  }
  // Without noise, but clipped as before it.
  Tensor beyond = activation.tensor, clipped = activation.tensor;
  beyond.values[0] = 1e3F;
  clipped.values[0] = release_.noise().clip;
  EXPECT_EQ(decoder.reconstruction(Activation{beyond, {}}).pixels, rebuilt(clipped, 0).pixels);
}

TEST_F(DecoderFile, HasTheSameBytesAgain) {
  EXPECT_EQ(format_decoder(parse_decoder(bytes_, release_, kFile), release_.id()), bytes_);
}

TEST_F(DecoderFile, ACutOffOrForeignFileIsRefused) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, bytes_.size() / 2, bytes_.size() - 1}) {
    expect_corrupt(kFile, bytes_.substr(0, size));
  }
  expect_corrupt("not the decoder of an audit",
                 read_file(release_.folder() / "client" / "noise.safetensors"));
  expect_corrupt("network.enter.bias",
                 changed([](Safetensors& file) { file.tensors.erase("network.enter.bias"); }));
  expect_corrupt("not a decoder's", changed([](Safetensors& file) {
                   file.tensors["more"] = {{1}, {0}};
                 }));
  expect_corrupt("not finite", changed([](Safetensors& file) {
                   file.tensors["mean"].values[1] = std::nanf("");
                 }));
  expect_corrupt("above 0",
                 changed([](Safetensors& file) { file.tensors["variance"].values[1] = 0; }));
  expect_corrupt("another shape", changed([](Safetensors& file) {
                   file.tensors["network.leave.bias"].shape = {1, 3};
                 }));
  expect_corrupt("alpha 0.7",
                 changed([](Safetensors& file) { file.metadata["alphas"] = "[0.7]"; }));
  expect_corrupt("alphas", changed([](Safetensors& file) { file.metadata["alphas"] = "0.5"; }));
  expect_corrupt(
      "sizes that no decoder has", changed([](Safetensors& file) {
        file.tensors["network.enter.weight"] = {{5, 4, 3, 3}, std::vector<float>(5 * 4 * 9)};
      }));
}

TEST_F(DecoderFile, AnotherReleasesDecoderIsRefused) {
  const Release other = tiny_release(folder_, tiny_noise({0.5, 0.95}), "other.scrim");
  expect_error(ErrorCode::kRefused, "another release",
               [&] { TrainedDecoder::load(written(bytes_), other); });
  const TrainedDecoder decoder = loaded();
  const Noise noise(other, Key::from_bytes({1}), {.alpha = 0.5});
  const NoisyActivation noisy = noise(Activation{pictures_[0].activation, {}});
  expect_error(ErrorCode::kInvalidArgument, other.id(), [&] { decoder.reconstruction(noisy); });
  expect_error(ErrorCode::kInvalidArgument, other.id(), [&] {
    decoder.reconstruction(Activation{pictures_[0].activation, other.id()});
  });
}

TEST_F(DecoderFile, AnAlphaItWasNotTrainedForAndAnotherShapeAreRefused) {
  const TrainedDecoder decoder = loaded();
  const Noise noise(release_, Key::from_bytes({1}), {.alpha = 0.8});
  const NoisyActivation noisy = noise(Activation{pictures_[0].activation, {}});
  expect_error(ErrorCode::kInvalidArgument, "0.8", [&] { decoder.reconstruction(noisy); });
  expect_error(ErrorCode::kInvalidArgument, "3 channels", [&] {
    decoder.reconstruction(Activation{Tensor{{1, 2, 1, 1}, {0, 0}}, {}});
  });
}

}  // namespace
}  // namespace scrim
