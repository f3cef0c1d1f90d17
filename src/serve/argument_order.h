// Which argument of a network an input of the config is, and which result an output.
#pragma once

#include "repository/model_config.h"

#include <cstddef>
#include <string>
#include <vector>

namespace scrim {

// For each input of the config, the index of its argument: by the argument's name if every input
// has one, else by the number in "NAME__NUMBER" if every input has one, else in the config's order.
// Throws kInvalidArgument unless there are as many inputs as `arguments` and each argument gets
// one.
std::vector<std::size_t> order_of_inputs(const ModelConfig& config,
                                         const std::vector<std::string>& arguments);

// For each output of the config, the index of its result: by number, else in order. Throws
// kInvalidArgument if two have one number.
std::vector<std::size_t> order_of_outputs(const ModelConfig& config);

}  // namespace scrim
