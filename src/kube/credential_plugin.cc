#include "kube/credential_plugin.h"

#include "base/base64.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/json.h"
#include "base/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace scrim {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{1} << 20;

// KUBERNETES_EXEC_INFO: what the program is told.
std::string exec_info(const ClusterAccess& access, bool interactive) {
  const CredentialPlugin& plugin = *access.user.plugin;
  Json spec = {{"interactive", interactive}};
  if (plugin.wants_cluster) {
    Json cluster = {{"server", access.server}};
    if (!access.server_name.empty()) cluster["tls-server-name"] = access.server_name;
    if (!access.verified) cluster["insecure-skip-tls-verify"] = true;
    if (!access.authorities.empty()) {
      cluster["certificate-authority-data"] = to_base64(access.authorities);
    }
    if (!access.proxy.empty()) cluster["proxy-url"] = access.proxy;
    spec["cluster"] = std::move(cluster);
  }
  return Json{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", spec}}
      .dump();
}

struct Ended {
  int status = 0;  // as waitpid gives it
  std::string output;
};

Ended run(const std::vector<std::string>& command, const Environment& environment,
          bool interactive) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(ErrorCode::kUnavailable, "no pipe: ", reason(errno));
  const Descriptor from(ends[0]);
  pid_t program = 0;
  {
    const Descriptor to(ends[1]);
    program = ::fork();
    if (program < 0) fail(ErrorCode::kUnavailable, "no new process: ", reason(errno));
    if (program == 0) {
      if (!interactive) ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
      ::dup2(to.get(), STDOUT_FILENO);
      become_program(command, environment);
    }
  }
  Ended ended;
  std::array<char, 4096> bytes;
  while (true) {
    const ssize_t size = ::read(from.get(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    if (ended.output.size() <= kMostAnswer) {
      ended.output.append(bytes.data(), static_cast<std::size_t>(size));
    }
  }
  while (::waitpid(program, &ended.status, 0) < 0 && errno == EINTR) {
  }
  return ended;
}

Credential read_answer(const std::string& output, const CredentialPlugin& plugin) {
  const std::string what = "the answer of credential plugin '" + plugin.command + "'";
  if (output.size() > kMostAnswer)
    fail(ErrorCode::kCorrupt, what, " is over ", kMostAnswer, " bytes");
  const SortedJson answer = parse_sorted_json(output, what);
  const auto text = [&](const SortedJson& in, const char* key) -> std::string {
    const auto found = in.find(key);
    if (found == in.end() || found->is_null()) return "";
    if (!found->is_string()) fail(ErrorCode::kCorrupt, what, ": '", key, "' is not a text");
    return found->get<std::string>();
  };
  if (!answer.is_object() || text(answer, "kind") != "ExecCredential") {
    fail(ErrorCode::kCorrupt, what, " is no ExecCredential");
  }
  if (text(answer, "apiVersion") != plugin.api_version) {
    fail(ErrorCode::kCorrupt, what, " is not of apiVersion ", plugin.api_version);
  }
  const auto status = answer.find("status");
  if (status == answer.end() || !status->is_object()) {
    fail(ErrorCode::kCorrupt, what, " has no status");
  }
  Credential credential{.token = text(*status, "token"),
                        .certificate = text(*status, "clientCertificateData"),
                        .key = text(*status, "clientKeyData")};
  if (credential.certificate.empty() != credential.key.empty()) {
    fail(ErrorCode::kCorrupt, what, " has one of clientCertificateData and clientKeyData");
  }
  if (credential.token.empty() && credential.certificate.empty()) {
    fail(ErrorCode::kCorrupt, what, " holds neither a token nor a certificate");
  }
  const std::string expires = text(*status, "expirationTimestamp");
  if (!expires.empty()) credential.expires = parse_rfc3339(expires);
  return credential;
}

}  // namespace

Credential run_credential_plugin(const ClusterAccess& access) {
  const CredentialPlugin& plugin = *access.user.plugin;
  const bool interactive = plugin.may_ask && ::isatty(STDIN_FILENO) == 1;
  if (plugin.must_ask && !interactive) {
    fail(ErrorCode::kRefused, "credential plugin '", plugin.command,
         "' has to ask a person, and there is no terminal");
  }
  std::vector<std::string> command = {plugin.command};
  command.insert(command.end(), plugin.arguments.begin(), plugin.arguments.end());
  try {
    command.front() = found_program(plugin.command);
  } catch (const Error& error) {
    fail(error.code(), error.what(), ", which context '", access.context, "' takes its token from",
         plugin.install_hint.empty() ? "" : ": " + plugin.install_hint);
  }
  Environment environment = plugin.environment;
  environment["KUBERNETES_EXEC_INFO"] = exec_info(access, interactive);
  const Ended ended = run(command, environment, interactive);
  if (!WIFEXITED(ended.status) || WEXITSTATUS(ended.status) != 0) {
    fail(ErrorCode::kRefused, "credential plugin '", plugin.command, "' of context '",
         access.context, "' ended with ",
         WIFEXITED(ended.status) ? sentence("exit code ", WEXITSTATUS(ended.status))
                                 : sentence("signal ", WTERMSIG(ended.status)));
  }
  return read_answer(ended.output, plugin);
}

}  // namespace scrim
