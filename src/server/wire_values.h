// The values that a request's inputs carry, whatever wire they came on.
#pragma once

#include "protocol/message.h"
#include "repository/release_contract.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace scrim {

// samples x directions x rows x columns, of the directions that the wire carries.
struct WireValues {
  std::int64_t samples = 0, rows = 0, columns = 0;
  std::vector<std::int64_t> directions;
  std::string_view borrowed;  // of a request that holds floats, or
  std::vector<float> own;     // decoded
  bool finite = true;

  // Little-endian FP32.
  std::string_view bytes() const;
  // Of the directions carried, in their order.
  std::vector<float> sigma(const ReleaseContract::Level& level) const;
};

// Nothing unless the inputs have the types and shapes of the contract's wire, and only codes that
// an encoder writes. Borrows from the inputs.
std::optional<WireValues> wire_values(std::span<const TensorMessage> inputs,
                                      const ReleaseContract& contract);

}  // namespace scrim
