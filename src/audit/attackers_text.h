// Each attacker in words, for people who do not know its name.
#pragma once

#include <scrim/audit.h>

#include <string>

namespace scrim {

struct AttackerText {
  std::string title;       // as in "trained decoder"
  std::string short_name;  // beside a curve, at most 14 letters
  std::string what;        // one or two sentences; may be empty
};

// An attacker that is not known has its own name as its title.
AttackerText attacker_text(const std::string& attacker);
// What an attacker was given, as in "no noise".
std::string seen_text(Seen seen);
// The same as it is written in audit.json, as in "no_noise".
std::string seen_name(Seen seen);

}  // namespace scrim
