// Commands on snapshots.
#include "commands.h"
#include "engine.h"
#include "lineage.h"
#include "origin.h"
#include "output.h"

#include <memory>

namespace scrim::cli {
namespace {

struct SnapshotFlags {
  std::string name, volume;
  EngineFlags engine;
  LabelFlags label;
  OutputFlags output;
  YesFlag yes;
};

using SharedSnapshotFlags = std::shared_ptr<SnapshotFlags>;

SharedSnapshotFlags declare_named_snapshot(CLI::App& app, const char* help) {
  auto flags = std::make_shared<SnapshotFlags>();
  app.add_option("NAME", flags->name, help);
  return flags;
}

void require_name(const SnapshotFlags& flags) {
  require(!flags.name.empty(), "the NAME of the snapshot is missing");
  flags.output.check();
}

}  // namespace

Action declare_create_snapshot(CLI::App& app) {
  const SharedSnapshotFlags flags = declare_named_snapshot(app, "its name [VOLUME.YYYYMMDDHHMMSS]");
  app.add_option("--of", flags->volume, "the volume; workspace/NAME for the files of one")
      ->type_name("VOLUME");
  flags->engine.declare_snapshot_class(app);
  flags->label.declare(app);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    flags->output.check();
    require(!flags->volume.empty(), "--of is missing: the volume whose files are kept");
    const auto engine = flags->engine.open(session);
    const auto outcome = engine->create_snapshot(volume_named(*engine, flags->volume), flags->name,
                                                 flags->label.labels());
    flags->output.print(session, snapshot_columns(), to_json(outcome, flags->engine.space));
    if (!outcome.changed) flags->engine.say(session, "It was there already; nothing was changed.");
    return 0;
  };
}

Action declare_restore_snapshot(CLI::App& app) {
  const SharedSnapshotFlags flags = declare_named_snapshot(app, "the snapshot");
  app.add_flag("--stop", flags->engine.cluster.stops_users,
               "let servers and workspaces over the volume rest meanwhile");
  flags->yes.declare(app);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto engine = flags->engine.open(session);
    const Snapshot snapshot = engine->snapshot(flags->name);
    if (!flags->engine.dry_run) {
      flags->yes.ask(session, "Replace the files of volume '" + snapshot.volume +
                                  "' by those of snapshot '" + snapshot.name + "'?");
    }
    const auto outcome = engine->restore_snapshot(snapshot.name);
    flags->output.print(session, volume_columns(), to_json(outcome, flags->engine.space));
    return 0;
  };
}

Action declare_delete_snapshot(CLI::App& app) {
  const SharedSnapshotFlags flags = declare_named_snapshot(app, "the snapshot");
  flags->yes.declare(app);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto engine = flags->engine.open(session);
    const Snapshot snapshot = engine->snapshot(flags->name);
    if (!flags->engine.dry_run) flags->yes.ask(session, "Delete snapshot '" + snapshot.name + "'?");
    engine->delete_snapshot(snapshot.name);
    flags->output.print_gone(session, "snapshot", snapshot.name, flags->engine);
    return 0;
  };
}

Action declare_list_snapshots(CLI::App& app) {
  const auto flags = std::make_shared<SnapshotFlags>();
  app.add_option("--of", flags->volume, "those of this volume")->type_name("VOLUME");
  flags->engine.declare(app, /*changes=*/false);
  flags->output.declare(app);
  return [flags](const Session& session) {
    flags->output.check();
    std::vector<Json> rows;
    const auto engine = flags->engine.open(session);
    const std::string volume = volume_named(*engine, flags->volume);
    for (const Snapshot& snapshot : engine->snapshots()) {
      if (!volume.empty() && snapshot.volume != volume) continue;
      rows.push_back(to_json(snapshot, flags->engine.space));
    }
    flags->output.print_all(session, snapshot_columns(), rows);
    return 0;
  };
}

Action declare_show_snapshot(CLI::App& app) {
  const SharedSnapshotFlags flags = declare_named_snapshot(app, "the snapshot");
  flags->engine.declare(app, /*changes=*/false);
  flags->output.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto engine = flags->engine.open(session);
    Json json = to_json(engine->snapshot(flags->name), flags->engine.space);
    add_usage(engine->usage({ObjectKind::kSnapshot, flags->name}), json);
    json["clones"] = clones_of(*engine, {ObjectKind::kSnapshot, flags->name});
    flags->output.show(session, json);
    return 0;
  };
}

}  // namespace scrim::cli
