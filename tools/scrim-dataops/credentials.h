// Who asks a store of S3: from a file like that of Amazon's tools, or the environment.
#pragma once

#include <scrim/dataops.h>

#include <filesystem>
#include <string>

namespace scrim::cli {

// Adds the keys of the profile in `file`; where that is empty, of ~/.aws/credentials, else of
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Throws kNotFound without a file or profile,
// kInvalidArgument where there are no keys.
void add_keys(const std::filesystem::path& file, const std::string& profile, S3Store& store);

// The text of a file of certificates. Throws kNotFound without it.
std::string certificates_in(const std::filesystem::path& file);

}  // namespace scrim::cli
