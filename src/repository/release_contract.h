// What a model demands of the activations that it takes: the contract of the release whose tail it
// is, from its config's parameters.
#pragma once

#include "protocol/datatype.h"
#include "protocol/provenance.h"
#include "release/wire_layout.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

// The parameter of a config that holds it, beside kReleaseParameter, and kWireParameter and
// kAlphaParameter on a wire other than fp32 (docs/formats/model_repository.md).
inline constexpr const char* kContractParameter = "scrim_contract";

// The datatype of a served model's input that carries planes of this code.
Datatype wire_datatype(PlaneCode code);

struct ReleaseContract {
  // y = scale * x + sigma * z for each direction, z standard normal.
  struct Level {
    double alpha = 0;          // in (0, 1)
    std::vector<float> scale;  // of each direction, 0 or more
    std::vector<float> sigma;  // the same; above 0 wherever scale is
  };

  std::string release;          // the release id, 64 hexadecimal digits
  std::int64_t channels = 0;    // of the network at the split
  std::int64_t directions = 0;  // K of N x K x H x W
  std::vector<Level> levels;    // at least one, alpha rising
  // How the model's inputs carry the values. Other than kFp32 the codes hold at one alpha, and
  // `levels` is that one alone.
  WireType wire = WireType::kFp32;

  // The model's inputs on a wire other than kFp32.
  std::vector<WireTensor> wire_tensors() const;
};

// Nothing where a model has no contract. Throws kInvalidArgument, naming the model and the field,
// for one that does not hold together: such a model is not served.
std::optional<ReleaseContract> read_contract(const std::map<std::string, std::string>& parameters,
                                             const std::string& model);

}  // namespace scrim
