// Inference servers over volumes, as processes of this machine.
#pragma once

#include <scrim/dataops.h>

#include "dataops/root.h"

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

class LocalServers {
 public:
  LocalServers(const SpaceFolders& folders, const LocalOptions& options)
      : folders_(folders), options_(options) {}

  // As DataOps says. `create` expects a volume that is there.
  Outcome<ServedVolume> create(const ServerPlan& plan) const;
  Outcome<ServedVolume> start(const std::string& name) const;
  Outcome<ServedVolume> stop(const std::string& name) const;
  void remove(const std::string& name) const;
  ServedVolume find(const std::string& name) const;
  std::vector<ServedVolume> all() const;
  // Names of the servers whose models the volume holds, sorted; and of those only what runs. Nobody
  // is asked whether it is ready.
  std::vector<std::string> over(const std::string& volume) const;
  std::vector<std::string> running_over(const std::string& volume) const;

 private:
  // What the record holds.
  struct Known {
    ServerPlan plan;
    std::string created;
  };

  std::filesystem::path folder_of(const std::string& name) const;
  std::vector<std::string> names() const;
  Known known(const std::string& name) const;
  ServerPlan plan_of(const std::string& name) const { return known(name).plan; }
  // Starts it and waits until it answers. Throws kUnavailable where it does not.
  void run(const ServerPlan& plan) const;

  const SpaceFolders& folders_;
  const LocalOptions& options_;
};

}  // namespace scrim
