// The request without JSON: a body that is the bytes of a model's only input.
#pragma once

#include "protocol/message.h"
#include "repository/model_config.h"

#include <string_view>

namespace scrim {

// The one input borrows from `body`; its variable dimension follows from the size, and the batch is
// 1 where the model has batches. All outputs come back binary. Throws RequestError (kInvalid) for a
// model of several inputs or variable dimensions, for strings other than one, and for a size that
// no shape fits.
InferRequest raw_request(std::string_view body, const ModelConfig& config);

}  // namespace scrim
