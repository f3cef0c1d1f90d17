#include "lineage.h"

#include <algorithm>

namespace scrim::cli {

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

}  // namespace scrim::cli
