#include "server/permissions.h"

#include "base/check.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace scrim {

void Permissions::restrict_to(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::size_t equals = text.find('=', std::min(colon, text.size()));
  // The value is a secret: what is wrong is said without it.
  check(colon != std::string_view::npos && equals != std::string_view::npos && equals > colon + 1 &&
            equals + 1 < text.size(),
        "a restricted API is written GROUP[,GROUP...]:KEY=VALUE");
  Rule rule{std::string(text.substr(colon + 1, equals - colon - 1)), "",
            std::string(text.substr(equals + 1))};
  rule.lower_case_key = rule.key;
  std::ranges::transform(rule.lower_case_key, rule.lower_case_key.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  std::string_view groups = text.substr(0, colon);
  while (true) {
    const std::size_t comma = groups.find(',');
    const auto group = api_group_of(groups.substr(0, comma));
    check(group.has_value(), "'", groups.substr(0, comma), "' is no group of calls");
    auto& own = rules_.at(static_cast<std::size_t>(*group));
    const bool same = own && own->key == rule.key && own->value == rule.value;
    check(!own || same, "the group '", name(*group), "' is restricted twice");
    own = rule;
    if (comma == std::string_view::npos) return;
    groups.remove_prefix(comma + 1);
  }
}

std::optional<std::string> Permissions::missing(ApiGroup group, const Header& header) const {
  const auto& rule = rules_.at(static_cast<std::size_t>(group));
  if (!rule) return std::nullopt;
  const std::string_view given = header(rule->lower_case_key).value_or("");
  const bool equal = given.size() == rule->value.size() &&
                     CRYPTO_memcmp(given.data(), rule->value.data(), given.size()) == 0;
  return equal ? std::nullopt : std::optional(rule->key);
}

}  // namespace scrim
