#include "credentials.h"

#include "command/command.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

using Profile = std::map<std::string, std::string>;

std::string trimmed(const std::string& text) {
  constexpr const char* kSpaces = " \t\r";
  const std::size_t start = text.find_first_not_of(kSpaces);
  if (start == std::string::npos) return "";
  return text.substr(start, text.find_last_not_of(kSpaces) - start + 1);
}

std::ifstream opened(const char* what, const fs::path& file) {
  std::ifstream stream(file);
  std::error_code ignored;
  if (!stream || fs::is_directory(file, ignored)) {
    fail(ErrorCode::kNotFound, what, " '", file.string(), "' cannot be read");
  }
  return stream;
}

// Lines "[PROFILE]" and "NAME = VALUE"; a value may have any character in it.
std::map<std::string, Profile> profiles_of(const fs::path& file) {
  std::ifstream stream = opened("credentials file", file);
  std::map<std::string, Profile> profiles;
  std::string section;
  for (std::string line; std::getline(stream, line);) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    const std::size_t equals = line.find('=');
    if (line.starts_with('[') && line.ends_with(']')) {
      section = trimmed(line.substr(1, line.size() - 2));
      profiles[section];
    } else if (equals != std::string::npos) {
      profiles[section][trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
  }
  return profiles;
}

bool take(const Profile& profile, S3Store& store) {
  const auto key = profile.find("aws_access_key_id");
  const auto secret = profile.find("aws_secret_access_key");
  if (key == profile.end() || secret == profile.end()) return false;
  store.access_key = key->second;
  store.secret_key = secret->second;
  return !store.access_key.empty() && !store.secret_key.empty();
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

void add_keys(const fs::path& given, const std::string& profile, S3Store& store) {
  fs::path file = given;
  if (given.empty()) file = fs::path(variable("HOME")) / ".aws/credentials";
  std::error_code ignored;
  if (!given.empty() || fs::exists(file, ignored)) {
    const auto profiles = profiles_of(file);
    const auto found = profiles.find(profile);
    if (found == profiles.end() && (!given.empty() || profile != "default")) {
      fail(ErrorCode::kNotFound, "credentials file '", file.string(), "' has no profile '", profile,
           "'");
    }
    if (found != profiles.end() && take(found->second, store)) return;
    require(given.empty(), "profile '", profile, "' of '", file.string(),
            "' has no aws_access_key_id or no aws_secret_access_key");
  }
  store.access_key = variable("AWS_ACCESS_KEY_ID");
  store.secret_key = variable("AWS_SECRET_ACCESS_KEY");
  require(!store.access_key.empty() && !store.secret_key.empty(),
          "there are no keys for S3: --credentials FILE, ~/.aws/credentials, or AWS_ACCESS_KEY_ID "
          "and AWS_SECRET_ACCESS_KEY");
}

std::string certificates_in(const fs::path& file) {
  std::ifstream stream = opened("file of certificates", file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace scrim::cli
