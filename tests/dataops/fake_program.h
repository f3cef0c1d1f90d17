// A program that listens and answers readiness as a server does, for the tests of who starts it.
#pragma once

#include "base/files.h"
#include "support/temporary_folder.h"

#include <sys/stat.h>

#include <string>

namespace scrim {

// Writes FOLDER/program, which serves FOLDER/www on the port of its flag --http-port=N.
inline std::string write_listening_program(const TemporaryFolder& folder) {
  std::filesystem::create_directories(folder / "www/v2/health");
  write_file_atomically(folder / "www/v2/health/ready", "yes");
  const std::string program = (folder / "program").string();
  write_file_atomically(program,
                        "#!/bin/bash\n"
                        "echo \"starting $*\"\n"
                        "for word in \"$@\"; do\n"
                        "  [[ $word == --http-port=* ]] && port=${word#*=}\n"
                        "done\n"
                        "exec python3 -m http.server \"$port\" --bind 127.0.0.1 --directory " +
                            (folder / "www").string() + "\n");
  ::chmod(program.c_str(), 0755);
  return program;
}

}  // namespace scrim
