// Workspaces as processes of this machine, each over a volume of its own.
#pragma once

#include <scrim/dataops.h>

#include "dataops/local_programs.h"
#include "dataops/local_volumes.h"
#include "dataops/root.h"

#include <string>
#include <vector>

namespace scrim {

class LocalWorkspaces {
 public:
  // All outlive this.
  LocalWorkspaces(const SpaceFolders& folders, const LocalOptions& options,
                  const LocalVolumes& volumes)
      : folders_(folders),
        options_(options),
        volumes_(volumes),
        programs_("workspace", {folders.workspaces, folders.staging}, options) {}

  // As DataOps says.
  Outcome<Workspace> create(const WorkspacePlan& plan) const;
  Outcome<Workspace> clone(const WorkspacePlan& plan, const Origin& origin) const;
  Outcome<Workspace> start(const std::string& name) const;
  Outcome<Workspace> stop(const std::string& name) const;
  void remove(const std::string& name, Dependents dependents) const;
  Workspace find(const std::string& name) const;
  std::vector<Workspace> all() const;

  // What workspaces have of a volume: "the volume of workspace 'x'", "mounted by workspace 'y'".
  std::vector<std::string> keepers_of(const std::string& volume) const;
  // Names of those that run and see the volume, sorted.
  std::vector<std::string> running_over(const std::string& volume) const;
  // Stops those, and starts again what is stopped so.
  void rest(const std::string& volume) const;
  void wake(const std::string& volume) const;
  // Keeps the plan of the workspace whose volume that is beside a snapshot, in its folder.
  void keep_plan(const std::string& volume, const std::filesystem::path& folder) const;

 private:
  WorkspacePlan plan_of(const std::string& name) const;
  WorkspacePlan plan_behind(const Origin& origin) const;
  bool sees(const std::string& name, const std::string& volume) const;
  // With a volume that has just been made, or was there.
  Outcome<Workspace> begin(WorkspacePlan plan, const Outcome<Volume>& own) const;
  Outcome<Workspace> same(const WorkspacePlan& plan) const;
  std::filesystem::path settings_of(const std::string& name) const;
  std::string url_of(const WorkspacePlan& plan) const;
  void link_mounts(const WorkspacePlan& plan) const;
  void run(const WorkspacePlan& plan) const;

  const SpaceFolders& folders_;
  const LocalOptions& options_;
  const LocalVolumes& volumes_;
  LocalPrograms programs_;
};

}  // namespace scrim
