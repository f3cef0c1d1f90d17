// Who asks, at the moment of a call: what expires is renewed.
#pragma once

#include "kube/cluster_access.h"
#include "kube/credential_plugin.h"

#include <chrono>
#include <optional>
#include <string>

namespace scrim {

class Credentials {
 public:
  // `access` outlives this.
  explicit Credentials(const ClusterAccess& access) : access_(access) {}

  // The certificate and the token of now. A token file is read again after a minute, since such
  // tokens are replaced; a plugin is run when what it gave is about to expire. Throws as
  // run_credential_plugin, and kUnavailable where the token file cannot be read.
  const Credential& current();

  // After the cluster has refused them: whether the next ones may do better.
  bool renew();

 private:
  using Clock = std::chrono::steady_clock;
  Credential obtain() const;

  const ClusterAccess& access_;
  std::optional<Credential> known_;
  Clock::time_point read_{};
};

}  // namespace scrim
