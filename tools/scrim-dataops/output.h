// Objects as a table for people, or as JSON or YAML for programs.
#pragma once

#include "command/command.h"

#include "engine.h"

#include <scrim/dataops.h>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace scrim::cli {

using Json = nlohmann::ordered_json;

// A column: its title, and the field that it shows. "origin.name" is the field of a field. One that
// is of one engine only is left out where no object has it.
struct Column {
  std::string title, field;
  bool of_one_engine = false;
};

// A form that begins so prints what the NetApp DataOps Toolkit prints after the verb behind it.
inline constexpr std::string_view kToolkitForm = "toolkit:";

struct OutputFlags {
  std::string form = "table";

  void declare(CLI::App& app);
  void check() const;
  // One object: as a row without a title, or whole.
  void print(const Session& session, const std::vector<Column>& columns, const Json& object) const;
  // Many: as a table with titles, or as an array.
  void print_all(const Session& session, const std::vector<Column>& columns,
                 const std::vector<Json>& objects) const;
  // One that is gone, or would be.
  void print_gone(const Session& session, const char* kind, const std::string& name,
                  const EngineFlags& engine) const;
  // One object with all that it has, a line a field.
  void show(const Session& session, const Json& object) const;
};

Json to_json(const Volume& volume, const std::string& space);
Json to_json(const Snapshot& snapshot, const std::string& space);
Json to_json(const ServedVolume& server, const std::string& space);
Json to_json(const Workspace& workspace, const std::string& space);
Json to_json(const Transfer& transfer, const std::string& space);

// What an object holds, behind its other fields, where that is known.
void add_usage(const std::optional<Usage>& usage, Json& json);

// With what the verb did: "changed", and "how" where files were cloned.
template <typename Object>
Json to_json(const Outcome<Object>& outcome, const std::string& space) {
  Json json = to_json(outcome.object, space);
  json["changed"] = outcome.changed;
  if (!outcome.how.empty()) json["how"] = outcome.how;
  return json;
}

inline const std::vector<Column> kNameColumn = {{"NAME", "name"}};  // of what has only a name
const std::vector<Column>& volume_columns();
const std::vector<Column>& snapshot_columns();

}  // namespace scrim::cli
