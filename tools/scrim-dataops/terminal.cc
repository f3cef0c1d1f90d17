#include "terminal.h"

#include <poll.h>
#include <unistd.h>

namespace scrim::cli {

std::string typed_line(const Session& session) {
  constexpr int kLookMilliseconds = 50;
  constexpr std::size_t kMost = 4'096;
  std::string line;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (line.size() < kMost) {
    if (session.stop.stop_requested()) fail(ErrorCode::kRefused, "nothing was changed");
    if (::poll(&input, 1, kLookMilliseconds) <= 0) continue;
    char byte = 0;
    if (::read(STDIN_FILENO, &byte, 1) <= 0 || byte == '\n') break;
    line += byte;
  }
  return line;
}

}  // namespace scrim::cli
