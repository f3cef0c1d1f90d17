#include "cluster/users.h"

#include <algorithm>

namespace scrim {
namespace {

bool has_ended(const ApiObject& pod) {
  const std::string phase = text_at(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed";
}

bool mounts(const ApiObject& pod, const std::string& claim) {
  const auto spec = pod.find("spec");
  if (spec == pod.end() || !spec->contains("volumes")) return false;
  return std::ranges::any_of(spec->at("volumes"), [&](const ApiObject& volume) {
    return text_at(volume, "persistentVolumeClaim.claimName") == claim;
  });
}

}  // namespace

std::vector<std::string> users_of_claim(Api& api, const std::string& claim) {
  std::vector<std::string> users;
  for (const ApiObject& pod : api.list(kPods)) {
    if (!has_ended(pod) && mounts(pod, claim)) {
      users.push_back("pod '" + text_at(pod, "metadata.name") + "'");
    }
  }
  return users;
}

}  // namespace scrim
