#include "dataops/names.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr std::size_t kMostShown = 40;

bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alnum(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

// Parts between dots that begin and end with a letter or digit.
bool is_subdomain(const std::string& name, bool dots) {
  char before = '.';
  for (const char c : name) {
    const bool edge = before == '.';
    if (c == '.' ? (!dots || edge || before == '-') : !(is_lower(c) || (c == '-' && !edge))) {
      return false;
    }
    before = c;
  }
  return is_lower(before);
}

// Of a label's name or value: letters, digits, '-', '_', '.', with a letter or digit at both ends.
bool is_label_part(std::string_view text) {
  return text.size() <= kMostOfLabel && !text.empty() && is_alnum(text.front()) &&
         is_alnum(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_alnum(c) || c == '-' || c == '_' || c == '.';
         });
}

void check_label_key(const std::string& key) {
  const std::size_t slash = key.find('/');
  const std::string prefix = slash == std::string::npos ? "" : key.substr(0, slash);
  const bool good = is_label_part(slash == std::string::npos ? key : key.substr(slash + 1)) &&
                    (slash == std::string::npos ||
                     (is_subdomain(prefix, /*dots=*/true) && prefix.size() <= kMostOfName));
  check(good, "label ", quoted(key), " is no key: letters, digits, '-', '_' and '.', at most ",
        kMostOfLabel, " characters, and maybe a domain and '/' before them");
}

}  // namespace

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7F; }

std::string quoted(const std::string& text) {
  std::string safe = text.substr(0, kMostShown);
  std::ranges::replace_if(safe, is_control, '?');
  return "'" + safe + (text.size() > kMostShown ? "..." : "") + "'";
}

void check_name(std::string_view what, const std::string& name) {
  check(name.size() <= kMostOfName, what, " name ", quoted(name), " has ", name.size(),
        " characters, at most ", kMostOfName, " are allowed");
  check(is_subdomain(name, /*dots=*/true), what, " name ", quoted(name),
        " is none: lower case letters, digits, '-' and '.', with a letter or digit at both ends");
}

void check_namespace(const std::string& name) {
  check(name.size() <= kMostOfLabel, "namespace ", quoted(name), " has ", name.size(),
        " characters, at most ", kMostOfLabel, " are allowed");
  check(is_subdomain(name, /*dots=*/false), "namespace ", quoted(name),
        " is none: lower case letters, digits and '-', with a letter or digit at both ends");
}

void check_labels(const Labels& labels) {
  for (const auto& [key, value] : labels) {
    check_label_key(key);
    check(value.empty() || is_label_part(value), "label ", quoted(key), " has the value ",
          quoted(value), ", not letters, digits, '-', '_' and '.', at most ", kMostOfLabel,
          " characters");
  }
}

void check_text(std::string_view what, const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());
  } catch (const Json::exception&) {
    fail(ErrorCode::kInvalidArgument, what, " is no text of UTF-8");
  }
}

void check_service(const std::string& service) {
  check(service == "NodePort" || service == "LoadBalancer" || service == "ClusterIP", "service ",
        quoted(service), " is none of NodePort, LoadBalancer, ClusterIP");
}

void check_resources(const Labels& resources) {
  for (const auto& [resource, amount] : resources) {
    check(!resource.empty() && !amount.empty(), "a resource is NAME=AMOUNT, as in memory=16Gi");
  }
}

std::string volume_of_server(const std::string& server) { return "server-" + server; }

std::string volume_for_server(const std::string& server, const Origin& models) {
  if (models.kind == ObjectKind::kVolume) return models.name;
  return volume_of_server(server) + "." + models.name;
}

void check_models_of(const std::string& snapshot, const std::string& taken,
                     const std::string& cloned) {
  check(taken <= cloned, "snapshot '", snapshot, "' is of ", taken,
        " and the models that the server has of one of that name are of ", cloned,
        ": take it under another name");
}

Labels labels_of_models(const std::string& server) {
  // A name may be longer than a label.
  const bool fits = server.size() <= kMostOfLabel;
  return {{"scrim-dataops/models-of", fits ? server : hex(sha256(server)).substr(1)}};
}

std::string dated_name(const std::string& volume) {
  std::string date = rfc3339_now();
  std::erase_if(date, [](char c) { return c < '0' || c > '9'; });
  return volume + "." + date;
}

}  // namespace scrim
