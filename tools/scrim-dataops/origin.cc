#include "origin.h"

namespace scrim::cli {
namespace {

constexpr std::string_view kWorkspace = "workspace/";

// Whether `find` finds it.
template <typename Find>
bool is_there(const Find& find) {
  try {
    find();
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return false;
  }
}

}  // namespace

Origin origin_of(DataOps& engine, const std::string& text) {
  if (text.starts_with(kWorkspace)) return {ObjectKind::kVolume, volume_named(engine, text)};
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const std::string kind = text.substr(0, slash);
    require(kind == "volume" || kind == "snapshot",
            "an object to begin with is NAME, volume/NAME, snapshot/NAME or workspace/NAME, not '",
            text, "'");
    return {kind == "volume" ? ObjectKind::kVolume : ObjectKind::kSnapshot, text.substr(slash + 1)};
  }
  const bool snapshot = is_there([&] { engine.snapshot(text); });
  const bool volume = is_there([&] { engine.volume(text); });
  require(!snapshot || !volume, "'", text, "' is a volume and a snapshot: say volume/", text,
          " or snapshot/", text);
  if (!snapshot && !volume) {
    fail(ErrorCode::kNotFound, "there is no volume and no snapshot '", text, "'");
  }
  return {snapshot ? ObjectKind::kSnapshot : ObjectKind::kVolume, text};
}

std::string volume_named(DataOps& engine, const std::string& text) {
  if (!text.starts_with(kWorkspace)) return text;
  return engine.workspace(text.substr(kWorkspace.size())).volume;
}

void DependentsFlags::declare(CLI::App& app) {
  app.add_flag("--cascade", cascade, "its snapshots too");
  app.add_flag("--keep-snapshots", keep, "its snapshots stay, and can be cloned");
}

Dependents DependentsFlags::dependents() const {
  require(!cascade || !keep, "--cascade and --keep-snapshots exclude each other");
  if (cascade) return Dependents::kCascade;
  return keep ? Dependents::kKeep : Dependents::kRefuse;
}

}  // namespace scrim::cli
