#include "cluster/users.h"

#include "base/check.h"
#include "base/text.h"
#include "cluster/objects.h"
#include "cluster/pods.h"
#include "cluster/transfer_objects.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr const char* kRestingNote = "scrim-dataops/resting-replicas";

// `spec` is that of a pod, or of the template of one.
bool mounts(const ApiObject& spec, const std::string& claim) {
  if (!spec.is_object() || !spec.contains("volumes")) return false;
  return std::ranges::any_of(spec.at("volumes"), [&](const ApiObject& volume) {
    return text_at(volume, "persistentVolumeClaim.claimName") == claim;
  });
}

bool uses(const ApiObject& pod, const std::string& claim) {
  return !pod_has_ended(pod) && mounts(pod.value("spec", ApiObject()), claim);
}

std::vector<ApiObject> makers_of(Api& api, const ApiKind& kind, const std::string& claim) {
  std::vector<ApiObject> makers = api.list(kind);
  std::erase_if(makers, [&](const ApiObject& one) {
    return !mounts(one.value("/spec/template/spec"_json_pointer, ApiObject()), claim);
  });
  return makers;
}

// A deployment's pods belong to its replica sets.
bool is_made_by_those(const ApiObject& pod) {
  for (const ApiObject& owner : pod.value("/metadata/ownerReferences"_json_pointer, ApiObject())) {
    const std::string kind = text_at(owner, "kind");
    if (kind == "ReplicaSet" || kind == "StatefulSet") return true;
  }
  return false;
}

}  // namespace

void release_claim(const ClusterWork& work, const std::string& claim) {
  std::vector<std::string> users;
  std::vector<ApiObject> ended;
  for (const ApiObject& pod : work.api.list(kPods)) {
    if (!mounts(pod.value("spec", ApiObject()), claim)) continue;
    const bool has_ended = pod_has_ended(pod);
    if (has_ended && !label_of(pod, kTransferLabel).empty()) {
      ended.push_back(pod);
    } else {
      users.push_back("pod '" + name_of(pod) + (has_ended ? "' (which has ended)" : "'"));
    }
  }
  if (!users.empty()) {
    fail(ErrorCode::kRefused, "volume '", claim, "' is in use by ", joined(users),
         "; end what uses it first");
  }
  if (work.options.dry_run) return;
  for (const ApiObject& pod : ended) work.api.remove(kPods, name_of(pod), uid_of(pod));
}

void stop_users(const ClusterWork& work, const std::string& claim) {
  std::vector<std::string> others;
  for (const ApiObject& pod : work.api.list(kPods)) {
    if (uses(pod, claim) && !is_made_by_those(pod)) others.push_back("pod '" + name_of(pod) + "'");
  }
  if (!others.empty()) {
    fail(ErrorCode::kRefused, "volume '", claim, "' is in use by ", joined(others),
         ", which no deployment would start again; end it first");
  }
  for (const ApiKind& kind : {kDeployments, kStatefulSets}) {
    for (const ApiObject& maker : makers_of(work.api, kind, claim)) {
      work.step("let a deployment rest");
      work.api.change(kind, name_of(maker), [](const ApiObject& there) -> ApiObject {
        const int replicas = there.value("/spec/replicas"_json_pointer, 1);
        if (replicas == 0) return {};
        return {{"metadata", {{"annotations", {{kRestingNote, std::to_string(replicas)}}}}},
                {"spec", {{"replicas", 0}}}};
      });
    }
  }
  const auto nobody = [&](const Api::ByName& pods) {
    return std::ranges::none_of(pods, [&](const auto& one) { return uses(one.second, claim); });
  };
  work.wait_until(kPods, {}, "the end of the pods that use volume '" + claim + "'", nobody,
                  [] { return ""; });
}

void start_users(const ClusterWork& work, const std::string& claim) {
  for (const ApiKind& kind : {kDeployments, kStatefulSets}) {
    const auto makers = allowed_or({}, [&] { return makers_of(work.api, kind, claim); });
    for (const ApiObject& maker : makers) {
      const std::string noted = note_of(maker, kRestingNote);
      if (noted.empty()) continue;
      work.step("start a deployment again");
      work.api.change(kind, name_of(maker), [&](const ApiObject&) -> ApiObject {
        return {{"metadata", {{"annotations", {{kRestingNote, nullptr}}}}},
                {"spec", {{"replicas", std::stoi(noted)}}}};
      });
    }
  }
}

}  // namespace scrim
