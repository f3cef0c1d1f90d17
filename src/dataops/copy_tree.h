// A tree of files, cloned as fast as the file system can.
#pragma once

#include <scrim/status.h>

#include <filesystem>
#include <stop_token>
#include <string_view>

namespace scrim {

enum class CopyMethod { kSubvolume, kReflink, kCopy };
// "subvolume", "reflink" or "copy".
std::string_view name(CopyMethod method);

struct CopyOptions {
  ProgressFn progress = {};  // by files, of an unknown number
  std::stop_token stop = {};
};

// Makes `to`, which is not there, an independent copy of the folder `from`: owners where the
// process may give files away, modes, times, extended attributes, symbolic links, hard links
// between its files, holes. Sockets are left out. A link is never followed, also one that appears
// meanwhile. Returns the slowest way that a file had to go.
//
// Throws kUnavailable with the reason, also for a stop; what is at `to` then is the caller's to
// remove.
CopyMethod copy_tree(const std::filesystem::path& from, const std::filesystem::path& to,
                     const CopyOptions& options = {});

}  // namespace scrim
