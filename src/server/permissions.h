// Who may make which calls: one table for every front end.
#pragma once

#include "server/api_group.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scrim {

// A group of calls is open, or asks for a header of a given value: Triton's restricted APIs.
class Permissions {
 public:
  // The value of a header by its name in lower case, or nothing.
  using Header = std::function<std::optional<std::string_view>(std::string_view name)>;

  // Restricts the groups in "GROUP[,GROUP...]:KEY=VALUE". Throws kInvalidArgument for a text of
  // another form, a group that is none, and one that is restricted otherwise already.
  void restrict_to(std::string_view text);

  // The header that a call of this group must bring and does not, as it was given; nothing if the
  // call may go on. Values are compared in constant time.
  std::optional<std::string> missing(ApiGroup group, const Header& header) const;

 private:
  struct Rule {
    std::string key, lower_case_key, value;
  };
  std::array<std::optional<Rule>, std::size(kApiGroups)> rules_;
};

}  // namespace scrim
