// A noisy activation as the inputs of a request.
#pragma once

#include <scrim/activation.h>

#include "client/model_contract.h"
#include "protocol/message.h"

#include <vector>

namespace scrim {

// In the order of the model's inputs; may borrow from the noisy activation. Throws kCorrupt for a
// model whose inputs are not those of its wire.
std::vector<TensorMessage> wire_inputs(const NoisyActivation& noisy_activation,
                                       const ModelContract& contract);

// One FP32 tensor, which borrows.
TensorMessage fp32_input(const std::string& name, const Tensor& tensor);

}  // namespace scrim
