// The requests that a config wants to have run before its model counts as ready.
#pragma once

#include "protocol/message.h"
#include "repository/model_config.h"

#include <filesystem>
#include <vector>

namespace scrim {

// The inputs of one warm-up run, in the config's order. `folder` is the model's: files are read
// from its folder "warmup". Throws Error for an input that the model lacks, has in another
// datatype, or misses, for a dimension below 0, and for a file of the wrong size.
std::vector<TensorMessage> warmup_inputs(const Warmup& warmup, const ModelConfig& config,
                                         const std::filesystem::path& folder);

}  // namespace scrim
