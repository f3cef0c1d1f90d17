// What an API server refuses, as a sentence.
#pragma once

#include "kube/cluster_connection.h"

#include <string>

namespace scrim {

// Throws for an answer that is no success: of a Status object its message, never the rest of the
// body. `what` is what was asked for, as in "volume claim 'data' of namespace 'lab'".
//
//   400, 422  kInvalidArgument        401, 403, 413  kRefused        404  kNotFound
//   409       kUnavailable            429, 5xx       kUnavailable    else kUnsupported
[[noreturn]] void fail_as_status(const ApiReply& reply, const std::string& what);

}  // namespace scrim
