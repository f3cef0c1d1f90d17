#include "lineage.h"

#include "commands.h"
#include "engine.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace scrim::cli {
namespace {

struct Leaf {
  std::string kind, name, how;
};

// Of the objects by "KIND/NAME", what is below each.
struct Tree {
  std::map<std::string, std::vector<Leaf>> below;
  std::set<std::string> there;

  static std::string key(std::string_view kind, const std::string& object) {
    return std::string(kind) + "/" + object;
  }
};

Tree tree_of(DataOps& engine) {
  Tree tree;
  std::map<std::string, std::string> taken_of;
  for (const Snapshot& one : engine.snapshots()) {
    tree.there.insert(Tree::key("snapshot", one.name));
    tree.below[Tree::key("volume", one.volume)].push_back({"snapshot", one.name, "snapshot"});
    taken_of[one.name] = one.volume;
  }
  for (const Volume& one : engine.volumes()) {
    tree.there.insert(Tree::key("volume", one.name));
    if (!one.origin) continue;
    const bool snapshot = one.origin->kind == ObjectKind::kSnapshot;
    if (snapshot && taken_of[one.origin->name] == one.name) continue;  // it was restored
    tree.below[Tree::key(name(one.origin->kind), one.origin->name)].push_back(
        {"volume", one.name, "clone"});
  }
  for (const ServedVolume& one : engine.servers()) {
    tree.below[Tree::key("volume", one.volume)].push_back({"server", one.name, "serves it"});
  }
  for (const Workspace& one : engine.workspaces()) {
    tree.below[Tree::key("volume", one.volume)].push_back({"workspace", one.name, "works in it"});
    for (const Mount& mount : one.mounts) {
      tree.below[Tree::key("volume", mount.volume)].push_back({"workspace", one.name, "mounts it"});
    }
  }
  return tree;
}

void add_rows(const Tree& tree, const Leaf& leaf, int depth, std::set<std::string>& shown,
              std::vector<Json>& rows) {
  const std::string key = Tree::key(leaf.kind, leaf.name);
  const bool counts = leaf.kind == "volume" || leaf.kind == "snapshot";
  rows.push_back({{"name", leaf.name}, {"kind", leaf.kind}, {"is", leaf.how}, {"depth", depth}});
  if (counts && !tree.there.contains(key)) rows.back()["is"] = "gone";
  if (!counts || !shown.insert(key).second) return;
  const auto found = tree.below.find(key);
  if (found == tree.below.end()) return;
  for (const Leaf& one : found->second) add_rows(tree, one, depth + 1, shown, rows);
}

}  // namespace

std::vector<std::string> snapshots_of(DataOps& engine, const std::string& volume) {
  std::vector<std::string> names;
  for (const Snapshot& one : engine.snapshots()) {
    if (one.volume == volume) names.push_back(one.name);
  }
  return names;
}

std::vector<std::string> clones_of(DataOps& engine, const Origin& object) {
  const bool is_volume = object.kind == ObjectKind::kVolume;
  const std::string own = is_volume ? object.name : engine.snapshot(object.name).volume;
  const auto snapshots =
      is_volume ? snapshots_of(engine, object.name) : std::vector<std::string>{object.name};
  std::vector<std::string> names;
  for (const Volume& one : engine.volumes()) {
    if (!one.origin || one.name == own) continue;  // a restored volume is no clone
    const bool direct =
        is_volume && one.origin->kind == ObjectKind::kVolume && one.origin->name == object.name;
    const bool through = one.origin->kind == ObjectKind::kSnapshot &&
                         std::ranges::find(snapshots, one.origin->name) != snapshots.end();
    if (direct || through) names.push_back(one.name);
  }
  return names;
}

std::vector<std::string> users_of(DataOps& engine, const std::string& volume) {
  std::vector<std::string> users;
  for (const ServedVolume& one : engine.servers()) {
    if (one.volume == volume) users.push_back("server " + one.name);
  }
  for (const Workspace& one : engine.workspaces()) {
    const bool mounts = std::ranges::find(one.mounts, volume, &Mount::volume) != one.mounts.end();
    if (mounts || one.volume == volume) users.push_back("workspace " + one.name);
  }
  return users;
}

std::vector<Json> lineage(DataOps& engine) {
  const Tree tree = tree_of(engine);
  std::set<std::string> children;
  std::set<std::pair<std::string, std::string>> roots;  // kind and name
  for (const auto& [key, leaves] : tree.below) {
    for (const Leaf& leaf : leaves) children.insert(Tree::key(leaf.kind, leaf.name));
  }
  const auto add_root = [&](const std::string& key) {
    const std::size_t slash = key.find('/');
    if (!children.contains(key)) roots.insert({key.substr(0, slash), key.substr(slash + 1)});
  };
  for (const auto& [key, leaves] : tree.below) add_root(key);
  for (const std::string& key : tree.there) add_root(key);
  std::vector<Json> rows;
  std::set<std::string> shown;
  for (const auto& [kind, name] : roots) add_rows(tree, {kind, name, ""}, 0, shown, rows);
  // Of two that came from one another, since one of them went and came back, one is the first.
  for (const std::string& key : tree.there) {
    const std::size_t slash = key.find('/');
    if (shown.contains(key)) continue;
    add_rows(tree, {key.substr(0, slash), key.substr(slash + 1), ""}, 0, shown, rows);
  }
  return rows;
}

Action declare_list_lineage(CLI::App& app) {
  struct LineageFlags {
    EngineFlags engine;
    OutputFlags output;
  };
  const auto flags = std::make_shared<LineageFlags>();
  flags->engine.declare(app, /*changes=*/false);
  flags->output.declare(app);
  return [flags](const Session& session) {
    flags->output.check();
    std::vector<Json> rows = lineage(*flags->engine.open(session));
    if (flags->output.form == "table") {
      for (Json& row : rows) {
        row["name"] =
            std::string(2 * row["depth"].get<std::size_t>(), ' ') + row["name"].get<std::string>();
      }
    }
    flags->output.print_all(session, {{"NAME", "name"}, {"KIND", "kind"}, {"IS", "is"}}, rows);
    return 0;
  };
}

}  // namespace scrim::cli
