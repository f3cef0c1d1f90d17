#include "output.h"

#include "toolkit.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iomanip>

namespace scrim::cli {
namespace {

// "" for what is not there.
std::string text_of(const Json& object, const std::string& field) {
  const Json::json_pointer place("/" + [&] {
    std::string path = field;
    std::ranges::replace(path, '.', '/');
    return path;
  }());
  if (!object.contains(place)) return "";
  const Json& value = object.at(place);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void emit(YAML::Emitter& out, const Json& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, inner] : value.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, inner);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const Json& inner : value) emit(out, inner);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    out << YAML::DoubleQuoted << value.get<std::string>();
  } else {
    out << value.dump();
  }
}

void print_yaml(std::ostream& stream, const Json& value) {
  YAML::Emitter out;
  emit(out, value);
  stream << out.c_str() << "\n";
}

using Row = std::vector<std::string>;

Row row_of(const std::vector<Column>& columns, const Json& object) {
  Row row;
  for (const Column& column : columns) row.push_back(text_of(object, column.field));
  return row;
}

void print_rows(std::ostream& out, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  }
}

Json common(const char* kind, const std::string& name, const std::string& space,
            std::uint64_t size) {
  return {{"kind", kind},
          {"name", name},
          {"namespace", space},
          {"size", size_text(size)},
          {"bytes", size}};
}

// Where its files are: on this machine, or in a cluster.
template <typename Object>
void add_place(const Object& object, Json& json) {
  if (object.state.empty()) {
    json["path"] = object.path.string();
  } else {
    json["state"] = object.state;
    json["class"] = object.storage_class;
  }
}

std::vector<Column> those_in(const std::vector<Column>& columns, const std::vector<Json>& objects) {
  std::vector<Column> present;
  for (const Column& column : columns) {
    const bool is_there = std::ranges::any_of(
        objects, [&](const Json& object) { return object.contains(column.field); });
    if (is_there || !column.of_one_engine) present.push_back(column);
  }
  return present;
}

// The toolkit's command in a form that is the toolkit's.
std::string behind(const std::string& form) { return form.substr(kToolkitForm.size()); }

}  // namespace

void OutputFlags::declare(CLI::App& app) {
  app.add_option("--output", form, "table, json or yaml")->type_name("FORM");
}

void OutputFlags::check() const {
  const bool is_toolkits = form.starts_with(kToolkitForm) && has_toolkit_lines(behind(form));
  require(form == "table" || form == "json" || form == "yaml" || is_toolkits,
          "--output is table, json or yaml, not '", form, "'");
}

void OutputFlags::print(const Session& session, const std::vector<Column>& columns,
                        const Json& object) const {
  if (form.starts_with(kToolkitForm)) {
    session.out << toolkit_lines(behind(form), object);
  } else if (form == "json") {
    session.out << object.dump(2) << "\n";
  } else if (form == "yaml") {
    print_yaml(session.out, object);
  } else {
    print_rows(session.out, {row_of(those_in(columns, {object}), object)});
  }
}

void OutputFlags::print_all(const Session& session, const std::vector<Column>& columns,
                            const std::vector<Json>& objects) const {
  if (form == "json") {
    session.out << Json(objects).dump(2) << "\n";
    return;
  }
  if (form == "yaml") return print_yaml(session.out, Json(objects));
  const std::vector<Column> shown = those_in(columns, objects);
  Row titles;
  for (const Column& column : shown) titles.push_back(column.title);
  std::vector<Row> rows = {titles};
  for (const Json& object : objects) rows.push_back(row_of(shown, object));
  print_rows(session.out, rows);
}

void OutputFlags::print_gone(const Session& session, const char* kind, const std::string& name,
                             const EngineFlags& engine) const {
  Json object = {{"kind", kind}, {"name", name}};
  if (!engine.space.empty()) object["namespace"] = engine.space;
  object["deleted"] = !engine.dry_run;
  if (form == "table") {
    session.out << name << (engine.dry_run ? "  would be deleted\n" : "  deleted\n");
  } else {
    print(session, {}, object);
  }
}

void OutputFlags::show(const Session& session, const Json& object) const {
  if (form != "table") return print(session, {}, object);
  std::vector<Row> rows;
  for (const auto& [key, value] : object.items()) {
    rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  print_rows(session.out, rows);
}

Json to_json(const Volume& volume, const std::string& space) {
  Json json = common("volume", volume.name, space, volume.size);
  json["created"] = volume.created;
  if (volume.origin) {
    json["origin"] = {{"kind", name(volume.origin->kind)}, {"name", volume.origin->name}};
  }
  json["labels"] = volume.labels;
  add_place(volume, json);
  return json;
}

Json to_json(const Snapshot& snapshot, const std::string& space) {
  Json json = common("snapshot", snapshot.name, space, snapshot.size);
  json["volume"] = snapshot.volume;
  json["created"] = snapshot.created;
  json["labels"] = snapshot.labels;
  add_place(snapshot, json);
  return json;
}

Json to_json(const ServedVolume& server, const std::string& space) {
  Json json = {{"kind", "server"},        {"name", server.name},
               {"namespace", space},      {"state", name(server.state)},
               {"volume", server.volume}, {"http", server.http}};
  if (!server.grpc.empty()) json["grpc"] = server.grpc;
  if (!server.metrics.empty()) json["metrics"] = server.metrics + "/metrics";
  json["created"] = server.created;
  if (!server.log.empty()) {
    json["process"] = server.process;
    json["log"] = server.log.string();
  }
  return json;
}

Json to_json(const Workspace& workspace, const std::string& space) {
  Json json = {{"kind", "workspace"},        {"name", workspace.name},
               {"namespace", space},         {"state", name(workspace.state)},
               {"volume", workspace.volume}, {"url", workspace.url}};
  json["mounts"] = Json::array();
  for (const Mount& one : workspace.mounts) {
    json["mounts"].push_back({{"volume", one.volume}, {"path", one.path}});
  }
  json["created"] = workspace.created;
  if (!workspace.log.empty()) {
    json["process"] = workspace.process;
    json["log"] = workspace.log.string();
  }
  return json;
}

Json to_json(const Transfer& transfer, const std::string& space) {
  Json json = {{"kind", "transfer"},        {"name", transfer.name},
               {"namespace", space},        {"state", name(transfer.state)},
               {"volume", transfer.volume}, {"from", transfer.from},
               {"to", transfer.to}};
  if (!transfer.every.empty()) json["every"] = transfer.every;
  json["bytes"] = transfer.bytes;
  json["files"] = transfer.files;
  json["created"] = transfer.created;
  json["ended"] = transfer.ended;
  if (!transfer.log.empty()) json["log"] = transfer.log.string();
  return json;
}

void add_usage(const std::optional<Usage>& usage, Json& json) {
  if (!usage) return;
  json["used_bytes"] = usage->bytes;
  json["files"] = usage->files;
}

const std::vector<Column>& volume_columns() {
  static const std::vector<Column> columns = {{"NAME", "name"},         {"SIZE", "size"},
                                              {"CREATED", "created"},   {"FROM", "origin.name"},
                                              {"STATE", "state", true}, {"CLASS", "class", true},
                                              {"PATH", "path", true}};
  return columns;
}

const std::vector<Column>& snapshot_columns() {
  static const std::vector<Column> columns = {{"NAME", "name"},         {"OF", "volume"},
                                              {"SIZE", "size"},         {"CREATED", "created"},
                                              {"STATE", "state", true}, {"CLASS", "class", true},
                                              {"PATH", "path", true}};
  return columns;
}

}  // namespace scrim::cli
