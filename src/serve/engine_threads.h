// How many threads an instance of a model may use, as its config says.
#pragma once

#include "repository/model_config.h"

#include <string>

namespace scrim {

// 1 where the config's parameters have no `key`. Throws kInvalidArgument for what is no number from
// 1 to 1024.
int engine_threads(const ModelConfig& config, const std::string& key);

}  // namespace scrim
