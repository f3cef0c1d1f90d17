// Inference servers over volumes, as deployments of a cluster. docs/formats/cluster.md lists what
// they are made of.
#pragma once

#include <scrim/dataops.h>

#include "cluster/work.h"

#include <string>
#include <vector>

namespace scrim {

class ClusterServers {
 public:
  explicit ClusterServers(const ClusterWork& work) : work_(work) {}

  // As DataOps says. A server that the NetApp DataOps Toolkit made is found by its name there.
  Outcome<ServedVolume> create(const ServerPlan& plan) const;
  Outcome<ServedVolume> clone(const std::string& name, const std::string& from) const;
  Outcome<ServedVolume> update(const std::string& name, const Origin& models) const;
  Outcome<ServedVolume> start(const std::string& name) const;
  Outcome<ServedVolume> stop(const std::string& name) const;
  void remove(const std::string& name) const;
  ServedVolume find(const std::string& name) const;
  std::vector<ServedVolume> all() const;
  // Names of the servers whose models the volume holds, also of those that are stopped.
  std::vector<std::string> over(const std::string& volume) const;

 private:
  ApiObject serve(const std::string& deployment, const std::string& volume) const;
  void remove_clones(const std::string& name, const std::string& but) const;
  ApiObject deployment_of(const std::string& name) const;
  std::vector<ApiObject> deployments() const;
  ServedVolume looked_up(const ApiObject& deployment) const;

  const ClusterWork work_;
};

}  // namespace scrim
