// A disk that fills up: while this lives, files of this process cannot grow beyond a size.
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <cstddef>
#include <stdexcept>

namespace scrim {

// Writing beyond the limit fails as on a full disk, for root as well.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::size_t bytes) : old_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    if (::getrlimit(RLIMIT_FSIZE, &old_limit_) != 0) throw std::runtime_error("no file size limit");
    const rlimit limit{bytes, old_limit_.rlim_max};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("no file size limit");
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    ::signal(SIGXFSZ, old_handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*old_handler_)(int);
  rlimit old_limit_{};
};

}  // namespace scrim
