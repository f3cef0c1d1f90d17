#include "base/clock.h"

#include "base/check.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>

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

std::chrono::system_clock::time_point parse_rfc3339(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest != nullptr && *rest == '.') rest += 1 + std::strspn(rest + 1, "0123456789");
  int hours = 0, minutes = 0, end = 0;
  const bool utc = rest != nullptr && std::string_view(rest) == "Z";
  const bool offset = rest != nullptr && (*rest == '+' || *rest == '-') &&
                      std::sscanf(rest + 1, "%2d:%2d%n", &hours, &minutes, &end) == 2 &&
                      rest[1 + end] == '\0';
  if (!utc && !offset) fail(ErrorCode::kCorrupt, "'", text, "' is no time as of RFC 3339");
  const auto ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  const auto local = std::chrono::system_clock::from_time_t(::timegm(&parts));
  return offset && *rest == '-' ? local + ahead : local - ahead;
}

std::string rfc3339_now() { return rfc3339(std::chrono::system_clock::now()); }

}  // namespace scrim
