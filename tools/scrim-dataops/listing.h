// Commands that only look: what there is of a kind, and one of them whole.
#pragma once

#include "command/command.h"
#include "output.h"

#include <scrim/dataops.h>

#include <functional>
#include <string>
#include <vector>

namespace scrim::cli {

// The rows of the objects, in the namespace `space`.
template <typename Object>
std::vector<Json> rows_of(const std::vector<Object>& objects, const std::string& space) {
  std::vector<Json> rows;
  for (const Object& one : objects) rows.push_back(to_json(one, space));
  return rows;
}

// A list of what `rows` finds; the columns outlive this.
using FindRows = std::function<std::vector<Json>(DataOps& engine, const std::string& space)>;
Action declare_list(CLI::App& app, const std::vector<Column>& columns, const FindRows& rows);

// All that is known of the object of `kind` ("server") whose NAME is given.
using FindOne =
    std::function<Json(DataOps& engine, const std::string& name, const std::string& space)>;
Action declare_show(CLI::App& app, const std::string& kind, const FindOne& find);

}  // namespace scrim::cli
