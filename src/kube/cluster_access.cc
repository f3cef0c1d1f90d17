#include "kube/cluster_access.h"

#include "base/check.h"
#include "base/files.h"

#include <cstdlib>

namespace scrim {
namespace {

constexpr std::size_t kMostOfAccount = std::size_t{1} << 20;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string account_file(const std::filesystem::path& path) {
  try {
    return read_file(path, kMostOfAccount);
  } catch (const Error& error) {
    fail(ErrorCode::kUnavailable, "the service account of this pod is incomplete: ", error.what());
  }
}

}  // namespace

std::optional<ClusterAccess> access_in_pod(const std::filesystem::path& account) {
  const std::string host = variable("KUBERNETES_SERVICE_HOST");
  const std::string port = variable("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) return std::nullopt;
  ClusterAccess access;
  const bool v6 = host.find(':') != std::string::npos;
  access.server = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  access.authorities = account_file(account / "ca.crt");
  access.user.token_file = account / "token";
  account_file(access.user.token_file);
  const std::string space = account_file(account / "namespace");
  if (!space.empty()) access.space = space.substr(0, space.find_last_not_of(" \n") + 1);
  return access;
}

}  // namespace scrim
