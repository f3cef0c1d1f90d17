#include "server/wire_values.h"

#include "server/small_models.h"

#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

// Of four directions the second is not sent, and the last has a signal-to-noise ratio above 250.
ReleaseContract contract_of(WireType wire) {
  ReleaseContract contract;
  contract.channels = contract.directions = 4;
  contract.levels = {{0.5, {1, 0, 1, 10}, {0.5F, 0, 0.25F, 0.5F}}};
  contract.wire = wire;
  return contract;
}

TensorMessage bytes_input(std::vector<std::int64_t> shape, const std::vector<std::int8_t>& codes) {
  return tensor("INPUT__0", Datatype::kInt8, std::move(shape), codes);
}

TensorMessage words_input(std::vector<std::int64_t> shape, const std::vector<std::int16_t>& codes) {
  return tensor("INPUT__1", Datatype::kInt16, std::move(shape), codes);
}

TEST(WireValues, FloatsAreBorrowedWhole) {
  const auto input =
      tensor("X", Datatype::kFp32, {1, 4, 1, 2}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8});
  const auto values = wire_values(std::span(&input, 1), contract_of(WireType::kFp32));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->bytes().data(), input.bytes.view().data());
  EXPECT_EQ(values->directions, std::vector<std::int64_t>({0, 1, 2, 3}));
  EXPECT_TRUE(values->finite);
}

TEST(WireValues, CodesOfTwoTypesAreDecodedByDirection) {
  const std::vector<TensorMessage> inputs = {bytes_input({2, 2, 1, 1}, {4, -8, 1, 2}),
                                             words_input({2, 1, 1, 1}, {300, -1})};
  const ReleaseContract contract = contract_of(WireType::kInt8);
  const auto values = wire_values(inputs, contract);
  ASSERT_TRUE(values);
  EXPECT_EQ(values->directions, std::vector<std::int64_t>({0, 2, 3}));
  EXPECT_EQ(values->own, std::vector<float>({1, -1, 75, 0.25F, 0.25F, -0.25F}));
  EXPECT_EQ(values->sigma(contract.levels[0]), std::vector<float>({0.5F, 0.25F, 0.5F}));
}

TEST(WireValues, HalvesMayBeInfinite) {
  const auto input =
      tensor("X", Datatype::kFp16, {1, 3, 1, 1}, std::vector<std::uint16_t>{0x3C00, 0x7C00, 0});
  const auto values = wire_values(std::span(&input, 1), contract_of(WireType::kFp16));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->own.at(0), 1);
  EXPECT_FALSE(values->finite);
}

TEST(WireValues, AnythingElseIsNone) {
  const ReleaseContract contract = contract_of(WireType::kInt8);
  const auto words = words_input({1, 1, 1, 1}, {1});
  const auto none = [&](const std::vector<TensorMessage>& inputs) {
    EXPECT_FALSE(wire_values(inputs, contract));
  };
  none({});
  none({bytes_input({1, 2, 1, 1}, {1, 2})});               // one is missing
  none({words, bytes_input({1, 2, 1, 1}, {1, 2})});        // another order
  none({bytes_input({1, 3, 1, 1}, {1, 2, 3}), words});     // too many planes
  none({bytes_input({1, 2, 1, 2}, {1, 2, 3, 4}), words});  // other cells
  none({bytes_input({1, 2}, {1, 2}), words});              // no cells
  none({bytes_input({1, 2, 1, 1}, {1, -128}), words});     // no such code
  none({bytes_input({1, 2, 1, 1}, {1, 2}), words_input({1, 1, 1, 1}, {-32768})});
}

}  // namespace
}  // namespace scrim
