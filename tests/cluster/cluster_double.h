// A cluster in memory: an API server, and what its controllers and a CSI driver do for volumes and
// snapshots. The content of a volume is one text.
#pragma once

#include "kube/api_double.h"

#include <map>
#include <string>

namespace scrim {

// Serves the classes of tests/control_plane/provisioner.py.
class ClusterDouble {
 public:
  ClusterDouble() {
    server.set_controllers(&admit, [this] { settle(); });
  }

  ApiDouble server;

  // Of persistent volumes, by name. For tests: no call may be under way.
  std::map<std::string, std::string> contents;

 private:
  using Json = SortedJson;

  static std::string space_of(const std::string& path) {
    constexpr std::string_view kSpaces = "/namespaces/";
    const std::size_t start = path.find(kSpaces) + kSpaces.size();
    return path.substr(start, path.find('/', start) - start);
  }
  static std::string text(const Json& object, const char* pointer) {
    return object.value(Json::json_pointer(pointer), std::string());
  }

  static void admit(const std::string& path, Json& object) {
    if (path.find("/services/") != std::string::npos) {
      int number = 30'000;
      for (Json& port : object["spec"]["ports"]) port["nodePort"] = number++;
    }
    if (path.find("/persistentvolumeclaims/") == std::string::npos) return;
    if (!object["spec"].contains("storageClassName"))
      object["spec"]["storageClassName"] = "folders";
  }

  // Until nothing changes any more, as in a cluster.
  void settle() {
    const ApiDouble::Objects before = server.objects();
    bool changed = false;
    for (const auto& [path, object] : before) {
      if (!server.objects().contains(path)) continue;
      if (path.find("/persistentvolumeclaims/") != std::string::npos) {
        changed |= settle_claim(path, object);
      } else if (path.find("/persistentvolumes/") != std::string::npos) {
        changed |= settle_volume(path, object);
      } else if (path.find("/volumesnapshots/") != std::string::npos) {
        changed |= settle_snapshot(path, object);
      } else if (path.find("/deployments/") != std::string::npos) {
        changed |= settle_deployment(path, object);
      }
    }
    if (changed) settle();
  }

  bool settle_claim(const std::string& path, Json claim) {
    const std::string wanted = text(claim, "/spec/resources/requests/storage");
    if (text(claim, "/status/phase") == "Bound") {
      if (text(claim, "/status/capacity/storage") == wanted) return false;
      claim["status"]["capacity"]["storage"] = wanted;
      server.put(path, claim);
      return true;
    }
    const std::string storage_class = claim["spec"]["storageClassName"];
    const bool from_claim = text(claim, "/spec/dataSource/kind") == "PersistentVolumeClaim";
    if (storage_class == "broken" || (storage_class == "unclonable" && from_claim)) {
      return warn(path, claim);
    }
    if (storage_class == "late") return false;
    std::string volume = text(claim, "/spec/volumeName");
    if (volume.empty()) {
      volume = "pvc-" + text(claim, "/metadata/uid");
      contents[volume] = source_content(path, claim);
      server.put(path_of_volume(volume), {{"metadata", {{"name", volume}}},
                                          {"spec", {{"persistentVolumeReclaimPolicy", "Delete"}}},
                                          {"status", {{"phase", "Available"}}}});
    }
    if (!server.objects().contains(path_of_volume(volume))) return false;
    Json bound = server.objects().at(path_of_volume(volume));
    const std::string reserved = text(bound, "/spec/claimRef/uid");
    if (!reserved.empty() && reserved != text(claim, "/metadata/uid")) return false;
    bound["spec"]["claimRef"] = {{"name", text(claim, "/metadata/name")},
                                 {"namespace", space_of(path)},
                                 {"uid", text(claim, "/metadata/uid")}};
    bound["status"]["phase"] = "Bound";
    server.put(path_of_volume(volume), bound);
    claim["spec"]["volumeName"] = volume;
    claim["status"] = {{"phase", "Bound"}, {"capacity", {{"storage", wanted}}}};
    server.put(path, claim);
    return true;
  }

  bool warn(const std::string& path, const Json& claim) {
    const std::string event =
        "/api/v1/namespaces/" + space_of(path) + "/events/" + text(claim, "/metadata/name");
    if (server.objects().contains(event)) return false;
    server.put(event, {{"metadata", {{"name", text(claim, "/metadata/name")}}},
                       {"reason", "ProvisioningFailed"},
                       {"type", "Warning"},
                       {"message", "the pool is out of order"}});
    return true;
  }

  static std::string path_of_volume(const std::string& name) {
    return "/api/v1/persistentvolumes/" + name;
  }

  std::string source_content(const std::string& path, const Json& claim) {
    const std::string kind = text(claim, "/spec/dataSource/kind");
    const std::string name = text(claim, "/spec/dataSource/name");
    if (kind == "VolumeSnapshot") {
      return kept_["/apis/snapshot.storage.k8s.io/v1/namespaces/" + space_of(path) +
                   "/volumesnapshots/" + name];
    }
    if (kind != "PersistentVolumeClaim") return "";
    return contents[text(server.objects().at(path.substr(0, path.rfind('/') + 1) + name),
                         "/spec/volumeName")];
  }

  bool settle_volume(const std::string& path, Json volume) {
    const std::string uid = text(volume, "/spec/claimRef/uid");
    if (uid.empty()) return false;
    const std::string claim = "/api/v1/namespaces/" + text(volume, "/spec/claimRef/namespace") +
                              "/persistentvolumeclaims/" + text(volume, "/spec/claimRef/name");
    const auto found = server.objects().find(claim);
    if (found != server.objects().end() && text(found->second, "/metadata/uid") == uid) {
      return false;
    }
    if (text(volume, "/spec/persistentVolumeReclaimPolicy") == "Delete") {
      contents.erase(text(volume, "/metadata/name"));
      server.erase(path);
      return true;
    }
    if (text(volume, "/status/phase") == "Released") return false;
    volume["status"]["phase"] = "Released";
    server.put(path, volume);
    return true;
  }

  bool settle_snapshot(const std::string& path, Json snapshot) {
    if (snapshot.contains("status")) return false;
    if (text(snapshot, "/spec/volumeSnapshotClassName") == "broken") {
      snapshot["status"] = {{"readyToUse", false},
                            {"error", {{"message", "class broken takes no snapshot"}}}};
    } else {
      const std::string claim = "/api/v1/namespaces/" + space_of(path) +
                                "/persistentvolumeclaims/" +
                                text(snapshot, "/spec/source/persistentVolumeClaimName");
      const Json& source = server.objects().at(claim);
      kept_[path] = contents[text(source, "/spec/volumeName")];
      snapshot["status"] = {{"readyToUse", true},
                            {"restoreSize", text(source, "/status/capacity/storage")}};
    }
    server.put(path, snapshot);
    return true;
  }

  bool settle_deployment(const std::string& path, Json deployment) {
    const Json replicas = deployment["spec"]["replicas"];
    const std::string image = text(deployment, "/spec/template/spec/containers/0/image");
    Json status = {{"observedGeneration", 0}};
    if (image != "nosuch" && replicas != 0) {
      for (const char* count : {"replicas", "readyReplicas", "updatedReplicas"}) {
        status[count] = replicas;
      }
    }
    if (deployment.value("status", Json()) == status) return false;
    deployment["status"] = status;
    server.put(path, deployment);
    return true;
  }

  std::map<std::string, std::string> kept_;  // of snapshots, by path
};

}  // namespace scrim
