// An inference over HTTP: from its body to the call, and from the result to the answer.
#pragma once

#include "server/http_message.h"
#include "server/service.h"

#include <cstdint>

namespace scrim {

// The largest body that a request for this model may have: what its declared tensors take as JSON,
// at most `limit`, and `limit` where a dimension is variable.
std::uint64_t body_limit_of(const ModelConfig& config, std::uint64_t limit);

// Reads the request and hands it to the service; `reply` is called once, from any thread. Every
// fault is an answer. A body that decompresses to more than `limit` bytes is refused.
void answer_inference(Service& service, const std::string& model, const std::string& version,
                      HttpRequest request, std::uint64_t limit,
                      std::function<void(HttpAnswer)> reply);

// The answer to a fault, of the type that the reference server gives it.
HttpAnswer error_answer(const RequestError& error,
                        const std::string& content_type = "application/json");

}  // namespace scrim
