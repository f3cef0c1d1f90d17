// What an audit looks at: pictures that teach the attackers, and others that it measures.
#pragma once

#include "audit/scenes.h"

#include <scrim/audit.h>

#include <string>
#include <vector>

namespace scrim {

// Nothing is in two of the four lists, and nobody in both lists of people.
struct Material {
  std::vector<Scene> lessons;  // of the attackers' pictures
  std::vector<Scene> audited;
  std::vector<Scene> people_lessons;  // views of the attackers' people, their pictures not enlarged
  std::vector<Scene> searched;        // people who are searched for, each with an alignment
  std::vector<std::string> skipped;   // pictures that were left out, with the reason
  std::string attacker_digest;
};

// How much is used; all that there is counts as any number beyond it.
struct MaterialLimits {
  std::size_t lessons = 240, audited = 60;
  int views = 4;  // of each picture of the attackers' people
};
MaterialLimits limits_of(const AuditOptions& options);

// Reads and runs everything once. Throws kInvalidArgument where a picture would teach and be
// measured, kNotFound where none could be read, kUnavailable when stopped.
Material collect(const SceneMaker& maker, const Dataset& dataset, const AuditOptions& options);

}  // namespace scrim
