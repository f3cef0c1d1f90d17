#include "dataops/jupyter.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/json.h"

#include <argon2.h>

#include <array>
#include <string_view>

namespace scrim {
namespace {

constexpr std::size_t kTokenBytes = 16;
constexpr std::string_view kHashKind = "argon2:";

std::string drawn_token() {
  std::array<std::uint8_t, kTokenBytes> bytes{};
  random_bytes(bytes);
  return hex(bytes);
}

}  // namespace

std::string password_hash(const std::string& password) {
  // Jupyter Server's own costs: jupyter_server/auth/security.py.
  constexpr std::uint32_t kPasses = 10, kKibibytes = 10'240, kLanes = 8;
  constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
  std::array<std::uint8_t, kSaltBytes> salt{};
  random_bytes(salt);
  std::string text(
      argon2_encodedlen(kPasses, kKibibytes, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const int error =
      argon2id_hash_encoded(kPasses, kKibibytes, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, text.data(), text.size());
  if (error != ARGON2_OK) {
    fail(ErrorCode::kUnavailable, "the password cannot be hashed: ", argon2_error_message(error));
  }
  text.resize(text.find('\0'));
  return std::string(kHashKind) + text;
}

std::string jupyter_settings(const JupyterPlace& place, const std::string& password) {
  Json server = {{"ip", place.address},   {"port", place.port},       {"port_retries", 0},
                 {"open_browser", false}, {"root_dir", place.folder}, {"allow_root", place.as_root},
                 {"quit_button", false}};
  if (!place.certificate.empty()) {
    server["certfile"] = place.certificate;
    server["keyfile"] = place.key;
  }
  Json settings;
  // Version 1 reads the first of the two, version 2 the second.
  if (password.empty()) {
    const std::string token = drawn_token();
    server["token"] = token;
    settings["IdentityProvider"]["token"] = token;
  } else {
    const std::string hash = password_hash(password);
    server["password"] = hash;
    settings["PasswordIdentityProvider"]["hashed_password"] = hash;
  }
  settings["ServerApp"] = std::move(server);
  return settings.dump(2) + "\n";
}

std::string token_in(const std::string& settings) {
  const Json json = parse_json(settings, "the settings of JupyterLab");
  const Json empty = Json::object();
  const Json& provider = json.contains("IdentityProvider") ? json["IdentityProvider"] : empty;
  return provider.value("token", "");
}

bool opens(const std::string& settings, const std::string& password) {
  const Json json = parse_json(settings, "the settings of JupyterLab");
  if (!json.contains("PasswordIdentityProvider")) return false;
  const std::string hash = json["PasswordIdentityProvider"].value("hashed_password", "");
  if (!hash.starts_with(kHashKind)) return false;
  return argon2id_verify(hash.c_str() + kHashKind.size(), password.data(), password.size()) ==
         ARGON2_OK;
}

std::vector<std::string> jupyter_command(const std::string& settings_file) {
  return {"jupyter", "lab", "--config=" + settings_file};
}

}  // namespace scrim
