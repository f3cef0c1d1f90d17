// Completing a model's config as the reference server does, and refusing what is not served.
#pragma once

#include "repository/model_config.pb.h"

#include <string>

namespace scrim {

// Fills in the name, backend and platform, the instance group, the version policy and the preferred
// batch size.
void complete_config(inference::ModelConfig& config, const std::string& name);

// Throws kInvalidArgument, or kUnsupported for what is understood and not served: one sentence that
// names the model, the field and its value.
void check_config(const inference::ModelConfig& config, const std::string& name);

}  // namespace scrim
