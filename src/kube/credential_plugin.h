// Tokens and certificates from a program, as client.authentication.k8s.io says.
#pragma once

#include "kube/cluster_access.h"

#include <chrono>
#include <optional>
#include <string>

namespace scrim {

// What proves to a cluster who asks. Each may be empty.
struct Credential {
  std::string token = {};
  std::string certificate = {}, key = {};                             // PEM
  std::optional<std::chrono::system_clock::time_point> expires = {};  // nothing: never
};

// Runs the program of `access.user`, by its argument vector and with its own environment, and reads
// what it prints. It talks to a person through this process's stdin and stderr where it may.
//
// Throws kNotFound, with the install hint, without the program; kRefused where it needs a person
// and stdin is no terminal, or when it fails; kCorrupt for what is no answer. No error shows a
// token or a key.
Credential run_credential_plugin(const ClusterAccess& access);

}  // namespace scrim
