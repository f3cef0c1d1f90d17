// A model's config as the protocol's clients read it.
#pragma once

#include "repository/model_config.pb.h"

#include <string>

namespace scrim {

// Every field in the order of the message, also those of default value; messages and choices only
// where they are set; enums by name, integers of 64 bits as numbers, maps sorted by key.
std::string config_json(const inference::ModelConfig& config);

}  // namespace scrim
