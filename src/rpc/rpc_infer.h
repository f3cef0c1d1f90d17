// An inference over gRPC: from its message to the request, and from the response to the message.
#pragma once

#include "protocol/message.h"
#include "rpc/inference_service.pb.h"

namespace scrim {

// A client of a stream asks with this parameter for a mark on the last response to each request.
inline constexpr const char* kFinalResponseWanted = "triton_enable_empty_final_response";

// The request in `message`, which must outlive it: bytes in raw_input_contents are borrowed. What
// the model wants is not known here. Throws RequestError in the reference server's words.
InferRequest infer_request_of(const inference::ModelInferRequest& message);

// Elements always travel as bytes, also where the request had them by type.
inference::ModelInferResponse message_of(InferResponse response);

}  // namespace scrim
