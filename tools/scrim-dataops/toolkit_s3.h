// The NetApp DataOps Toolkit's jobs between volumes and S3 in the words of this program.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace scrim::cli {

// `get-s3 bucket -c SECRET -o HOST -b BUCKET -p VOLUME` becomes `create transfer get-bucket-HASH
// --from s3://BUCKET --to VOLUME --endpoint http://HOST --secret SECRET`; the same words have
// the same hash. Nothing for other words.
std::optional<std::vector<std::string>> from_toolkit_s3(const std::vector<std::string>& words);

}  // namespace scrim::cli
