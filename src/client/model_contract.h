// What a server's model says of itself that its caller must know before anything is sent.
#pragma once

#include <scrim/activation.h>

#include "release/wire_layout.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

struct ModelContract {
  std::string release;  // the release id; empty for a model that declares none
  std::string digest;   // SHA-256 of the contract, hexadecimal; empty for a model without one
  WireType wire = WireType::kFp32;
  double alpha = 0;  // of a wire other than kFp32, whose codes hold at one alpha only
  // The tensors that carry it on such a wire, in the order of the inputs.
  std::vector<WireTensor> tensors = {};
  std::vector<std::string> inputs, outputs;  // names, in the order of the config
};

// From the text of /v2/models/NAME/config. Throws kCorrupt, naming the model, for what is no config
// and for a contract that does not hold together.
ModelContract parse_model_contract(std::string_view config, const std::string& model);

// Throws kRefused unless the model takes activations of this release, contract, and on a wire other
// than kFp32 of this wire and alpha.
void check_model_contract(const ModelContract& contract, const std::string& model,
                          const NoisyActivation& noisy_activation);

}  // namespace scrim
