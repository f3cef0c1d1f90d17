// Inference servers over volumes, as processes of this machine.
#pragma once

#include <scrim/dataops.h>

#include "dataops/local_programs.h"
#include "dataops/root.h"

#include <string>
#include <vector>

namespace scrim {

class LocalServers {
 public:
  LocalServers(const SpaceFolders& folders, const LocalOptions& options)
      : folders_(folders),
        options_(options),
        programs_("server", {folders.servers, folders.staging}, options) {}

  // As DataOps says. `create` expects a volume that is there.
  Outcome<ServedVolume> create(const ServerPlan& plan) const;
  Outcome<ServedVolume> update(const std::string& name, const std::string& volume) const;
  Outcome<ServedVolume> start(const std::string& name) const;
  Outcome<ServedVolume> stop(const std::string& name) const;
  void remove(const std::string& name) const;
  ServedVolume find(const std::string& name) const;
  std::vector<ServedVolume> all() const;
  ServerPlan plan_of(const std::string& name) const;
  // Names of the servers whose models the volume holds, sorted; and of those only what runs. Nobody
  // is asked whether it is ready.
  std::vector<std::string> over(const std::string& volume) const;
  std::vector<std::string> running_over(const std::string& volume) const;
  // Stops those, and starts again what is stopped so.
  void rest(const std::string& volume) const;
  void wake(const std::string& volume) const;

 private:
  void serve(const std::string& name, const std::string& volume) const;
  void run(const ServerPlan& plan) const;

  const SpaceFolders& folders_;
  const LocalOptions& options_;
  LocalPrograms programs_;
};

}  // namespace scrim
