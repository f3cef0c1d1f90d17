// Where the API of a cluster is, how it is known to be that cluster, and who asks.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

// A program that hands out a token or a certificate (client.authentication.k8s.io).
struct CredentialPlugin {
  std::string api_version = {};  // "client.authentication.k8s.io/v1" or ".../v1beta1"
  std::string command = {};      // found on the PATH where it holds no '/'
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};
  std::string install_hint = {};  // what to tell a person who lacks the program
  bool wants_cluster = false;     // is told which cluster it is for
  bool may_ask = true;            // may talk to a person at the terminal
  bool must_ask = false;          // has no use without one
};

// Whom the cluster sees. Empty: nobody.
struct ClusterUser {
  std::string certificate = {}, key = {};  // PEM
  std::string token = {};                  // sent as it is
  std::filesystem::path token_file = {};   // read again and again: such tokens are replaced
  std::string name = {}, password = {};    // of basic authentication
  std::optional<CredentialPlugin> plugin = {};
  std::string acts_as = {}, acts_as_uid = {};  // impersonation
  std::vector<std::string> acts_as_groups = {};
};

struct ClusterAccess {
  std::string context = {};       // of the kubeconfig; empty in a pod
  std::string server = {};        // "https://host:port/path", without a '/' at the end
  std::string authorities = {};   // PEM; empty: those of this machine
  std::string server_name = {};   // that its certificate is for; empty: the host of `server`
  std::string proxy = {};         // a URL; empty: as the environment says
  bool verified = true;           // its certificate is checked
  std::string space = "default";  // the namespace of those who name none
  ClusterUser user = {};
};

// That of the pod that this process runs in, by its service account; nothing outside a cluster.
// `account` is the folder of the account's files. Throws kUnavailable where they are not all there.
std::optional<ClusterAccess> access_in_pod(
    const std::filesystem::path& account = "/var/run/secrets/kubernetes.io/serviceaccount");

}  // namespace scrim
