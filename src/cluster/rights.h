// What each command asks of the API, and the role that allows just that.
#pragma once

#include "kube/api.h"

#include <string>
#include <vector>

namespace scrim {

struct Right {
  ApiKind kind;
  std::vector<std::string> verbs;
};

// Of a command, as in "restore snapshot". Throws kInvalidArgument, with all of them, for another.
std::vector<Right> rights_of(const std::string& command);

// The commands that there are rights for.
std::vector<std::string> commands_with_rights();

}  // namespace scrim
