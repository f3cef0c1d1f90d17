// A model's config as the protocol's clients read it.
#pragma once

#include "repository/model_config.pb.h"

#include <string>

namespace scrim {

// Every field in the order of the message, also those of default value; messages and choices only
// where they are set; enums by name, integers of 64 bits as numbers, maps sorted by key.
//
// Throws kInvalidArgument, naming the model and the field, for a number that its enum does not have
// and for a text that is not UTF-8: the text format lets both pass, and clients cannot read them.
std::string config_json(const inference::ModelConfig& config);

}  // namespace scrim
