// A transfer for tests, and an rclone of theirs.
#pragma once

#include <scrim/dataops.h>

#include "base/files.h"
#include "support/temporary_folder.h"

#include <sys/stat.h>

#include <cstdlib>
#include <string>

namespace scrim {

inline TransferPlan small_transfer() {
  TransferPlan plan{.name = "pull", .volume = "data", .folder = "in", .bucket = "files"};
  plan.prefix = "some";
  plan.store.endpoint = "http://127.0.0.1:1";
  plan.store.access_key = "KEY";
  plan.store.secret_key = "se/cr+et";
  return plan;
}

// While it lives, a program is what the shell script says.
class FakeProgram {
 public:
  FakeProgram(const std::string& name, const std::string& script) : path_(std::getenv("PATH")) {
    const std::string program = (folder_ / name).string();
    write_file_atomically(program, "#!/bin/bash\n" + script + "\n");
    ::chmod(program.c_str(), 0755);
    ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~FakeProgram() { ::setenv("PATH", path_.c_str(), 1); }
  FakeProgram(const FakeProgram&) = delete;
  FakeProgram& operator=(const FakeProgram&) = delete;

 private:
  std::string path_;
  TemporaryFolder folder_;
};

// An rclone that says what it is asked, and copies by writing PLACE/file.
inline constexpr const char* kCopyingRclone = R"(
echo "{\"level\":\"debug\",\"msg\":\"$*\"}" >&2
case $1 in
  sync) [[ $* == *--ignore-existing* ]] || { mkdir -p "$3/sub"; echo new > "$3/sub/file"; }
        echo '{"stats":{"bytes":4,"transfers":1,"totalBytes":4,"totalTransfers":1}}' >&2;;
esac
exit 0
)";

}  // namespace scrim
