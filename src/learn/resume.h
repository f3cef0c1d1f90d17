// The folder that lets a stopped run go on: beside the output, gone when the release is sealed.
#pragma once

#include <scrim/learn.h>

#include <filesystem>
#include <string>

namespace scrim {

// Makes the state folder `<output>.state` for a new run, or checks that it belongs to this very run
// if options.resume is set and it exists. `subject` says which weights are learned. Throws
// kInvalidArgument naming the first option that differs, kUnavailable if the folder cannot be
// written.
std::filesystem::path open_state(const LearnOptions& options, const std::string& data_digest,
                                 const std::string& subject);

}  // namespace scrim
