#include "client/wire_inputs.h"

#include <scrim/noise.h>

#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

NoisyActivation tiny_activation(const Release& release, WireType wire) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  const Activation activation{{{2, 3, 2, 2}, std::vector<float>(24, 0.5F)}, release.id()};
  return Noise(release, Key::from_bytes(bytes), {.alpha = 0.8, .wire = wire})(activation);
}

TEST(WireInputs, FloatsAreBorrowed) {
  const TemporaryFolder folder;
  const Release release = tiny_release(folder, tiny_noise());
  const NoisyActivation noisy = tiny_activation(release, WireType::kFp32);
  ModelContract contract;
  contract.inputs = {"X"};
  const auto inputs = wire_inputs(noisy, contract);
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_EQ(inputs[0].name, "X");
  EXPECT_EQ(inputs[0].shape, noisy.tensor().shape);
  EXPECT_EQ(static_cast<const void*>(inputs[0].bytes.view().data()), noisy.tensor().values.data());
}

TEST(WireInputs, HalvesTakeHalfOfTheBytes) {
  const TemporaryFolder folder;
  const Release release = tiny_release(folder, tiny_noise());
  const NoisyActivation noisy = tiny_activation(release, WireType::kFp16);
  ModelContract contract;
  contract.wire = WireType::kFp16;
  contract.inputs = {"X"};
  contract.tensors = wire_tensors(wire_planes(release.noise(), 1, WireType::kFp16));
  const auto inputs = wire_inputs(noisy, contract);
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_EQ(inputs[0].datatype, Datatype::kFp16);
  EXPECT_EQ(inputs[0].shape, std::vector<std::int64_t>({2, 3, 2, 2}));
  EXPECT_EQ(inputs[0].bytes.view().size(), 48U);
}

TEST(WireInputs, AModelOfOtherInputsThanItsWireIsRefused) {
  const TemporaryFolder folder;
  const Release release = tiny_release(folder, tiny_noise());
  ModelContract contract;
  contract.inputs = {"X", "Y"};
  expect_error(ErrorCode::kCorrupt, "the model has 2 inputs, its wire 1",
               [&] { wire_inputs(tiny_activation(release, WireType::kFp32), contract); });
}

}  // namespace
}  // namespace scrim
