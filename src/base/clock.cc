#include "base/clock.h"

#include "base/check.h"

#include <array>
#include <ctime>

namespace scrim {

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  std::array<char, 32> text{};
  const bool known = gmtime_r(&seconds, &parts) != nullptr;
  check(known && std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) > 0, "time ",
        seconds, " is outside the calendar");
  return text.data();
}

std::string rfc3339_now() { return rfc3339(std::chrono::system_clock::now()); }

}  // namespace scrim
