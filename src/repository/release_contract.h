// What a model demands of the activations that it takes: the contract of the release whose tail it
// is, from its config's parameters.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

// The parameters of a config that hold it (docs/formats/model_repository.md).
inline constexpr const char* kContractParameter = "scrim_contract";
inline constexpr const char* kReleaseParameter = "scrim_release";

struct ReleaseContract {
  // y = scale * x + sigma * z for each direction, z standard normal.
  struct Level {
    double alpha = 0;           // in (0, 1)
    std::vector<double> sigma;  // of each direction, 0 or more
  };

  std::string release;          // the release id, 64 hexadecimal digits
  std::int64_t directions = 0;  // K of N x K x H x W
  std::vector<Level> levels;    // at least one, alpha rising
};

// Nothing where a model has no contract. Throws kInvalidArgument, naming the model and the field,
// for one that does not hold together: such a model is not served.
std::optional<ReleaseContract> read_contract(const std::map<std::string, std::string>& parameters,
                                             const std::string& model);

}  // namespace scrim
