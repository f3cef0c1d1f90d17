// An inference request as it travels over HTTP: JSON, then the bytes of its binary tensors.
#pragma once

#include "protocol/message_json.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace scrim {

// How many bytes of a body are JSON, from the text of Inference-Header-Content-Length. Throws
// kInvalid unless it is a number from 0 to `body`. 0 says that the body is the bytes of one tensor.
std::size_t json_length_of(std::string_view text, std::size_t body);

// The request in `body`, whose first `json_length` bytes are JSON (all without a value). Binary
// tensors borrow from `body`, which must outlive them; nothing is allocated that the body does not
// hold. `model` is for the sentences. What the model wants is not known here: which inputs, of
// which shapes. Throws RequestError.
InferRequest parse_infer_request(std::string_view body, std::optional<std::size_t> json_length,
                                 std::string_view model);

// The other end: the body for `request`, whose inputs travel behind the JSON part where they say
// so. Floats in JSON have the fewest digits that read back as they are. Throws RequestError for a
// tensor that JSON cannot carry.
HttpBody format_infer_request(const InferRequest& request);

// "[request id: <id_unknown>] ", or the id: the start of sentences about a whole request.
std::string request_prefix(const std::string& id);

// What a request is refused for, however it travelled. `what` is "input" or "output".
[[noreturn]] void refuse_reserved_parameter();
[[noreturn]] void refuse_second(const char* what, const std::string& name, const std::string& id);
[[noreturn]] void refuse_shared_memory(const char* what, const std::string& name);

}  // namespace scrim
