// Workspaces as deployments of a cluster. docs/formats/cluster.md lists what they are made of.
#pragma once

#include <scrim/dataops.h>

#include "cluster/work.h"

#include <string>
#include <vector>

namespace scrim {

class ClusterWorkspaces {
 public:
  explicit ClusterWorkspaces(const ClusterWork& work) : work_(work) {}

  // As DataOps says. One that the NetApp DataOps Toolkit made is found by its name there.
  Outcome<Workspace> create(const WorkspacePlan& plan) const;
  Outcome<Workspace> clone(const WorkspacePlan& plan, const Origin& origin) const;
  Outcome<Workspace> start(const std::string& name) const;
  Outcome<Workspace> stop(const std::string& name) const;
  Workspace find(const std::string& name) const;
  std::vector<Workspace> all() const;

  // The claim of its own volume, also where a delete that was killed has left only that. Throws
  // kNotFound where there is nothing of that name.
  std::string volume_of(const std::string& name) const;
  // All of it but its volume.
  void remove(const std::string& name) const;
  // Stops it, if it is there, and waits until its pods are gone.
  void rest(const std::string& name) const;
  // Names of those that see the volume.
  std::vector<std::string> over(const std::string& volume) const;
  // The name of the workspace whose own volume that is; empty where it is of none.
  std::string owner_of(const std::string& volume) const;
  // What a snapshot of the volume keeps of its workspace: annotations.
  Labels notes_for_snapshot(const std::string& volume) const;

 private:
  std::optional<ApiObject> find_deployment(const std::string& name) const;
  ApiObject deployment_of(const std::string& name) const;
  std::vector<ApiObject> deployments() const;
  WorkspacePlan plan_behind(const Origin& origin) const;
  Outcome<Workspace> begin(const WorkspacePlan& plan, const Outcome<Volume>& own) const;
  void check_password(const WorkspacePlan& plan) const;
  std::string settings_of(const std::string& object) const;
  Workspace looked_up(const ApiObject& deployment) const;

  const ClusterWork work_;
};

}  // namespace scrim
