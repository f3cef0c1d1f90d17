// The classification extension: an output as its largest values, with their places and labels.
#pragma once

#include "protocol/message.h"

#include <cstdint>
#include <string>
#include <vector>

namespace scrim {

// A kBytes tensor of "value:index" or "value:index:label" with six decimals: the `classes` largest
// of each row, largest first, the lower index first among equal ones. With `batched` the first
// dimension counts rows and is kept; otherwise the whole output is one row. Fewer than `classes`
// elements give as many as there are. Throws RequestError (kInvalid) for kBytes, kFp16 and kBf16,
// and for more than a million strings.
TensorMessage classified(const TensorMessage& output, std::int64_t classes, bool batched,
                         const std::vector<std::string>& labels);

}  // namespace scrim
