// Who uses a volume of the cluster.
#pragma once

#include "kube/api.h"

#include <string>
#include <vector>

namespace scrim {

// "pod 'x'" for each pod of the namespace that mounts the claim and has not ended, sorted.
std::vector<std::string> users_of_claim(Api& api, const std::string& claim);

}  // namespace scrim
