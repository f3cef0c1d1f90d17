// Claims about the attackers themselves: one that cannot succeed proves nothing by failing.
#pragma once

#include <scrim/audit.h>

#include <vector>

namespace scrim {

// Judges the rows of an audit: the recogniser must find people on clean pictures, every trained
// attacker must succeed at the shallow cut, and every attacker that saw noise alone must be at
// chance. A control whose row is missing fails; those of people apply where there are people.
std::vector<Control> controls_of(const std::vector<AttackRow>& rows);

// Whether there is at least one control of each kind and none failed.
bool all_passed(const std::vector<Control>& controls);

}  // namespace scrim
