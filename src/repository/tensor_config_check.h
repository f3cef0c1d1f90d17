// What a config says of inputs and outputs, checked: names, types, dimensions, reshapes.
#pragma once

#include "repository/model_config.pb.h"

#include <string>

namespace scrim {

// Throws kInvalidArgument, or kUnsupported for what is understood and not served: one sentence that
// names the model, the tensor and its value.
void check_tensors(const inference::ModelConfig& config, const std::string& model);

}  // namespace scrim
