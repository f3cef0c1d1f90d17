// Commands on volumes.
#include "commands.h"
#include "engine.h"
#include "lineage.h"
#include "listing.h"
#include "origin.h"
#include "output.h"

#include <memory>

namespace scrim::cli {
namespace {

struct VolumeFlags {
  std::string name, size, from;
  EngineFlags engine;
  LabelFlags label;
  OutputFlags output;
  DependentsFlags dependents;
  YesFlag yes;
};

using SharedVolumeFlags = std::shared_ptr<VolumeFlags>;

SharedVolumeFlags declare_named_volume(CLI::App& app) {
  auto flags = std::make_shared<VolumeFlags>();
  app.add_option("NAME", flags->name, "lower case letters, digits, '-' and '.'");
  return flags;
}

void declare_common(CLI::App& app, VolumeFlags& flags, bool changes) {
  flags.engine.declare(app, changes);
  flags.output.declare(app);
}

void require_name(const VolumeFlags& flags) {
  require(!flags.name.empty(), "the NAME of the volume is missing");
  flags.output.check();
}

// What to do with a volume that is there.
std::string next_with(const VolumeFlags& flags) {
  return flags.engine.is_local() ? "Put files in its path." : "Mount it in a pod, or serve it.";
}

int report(const VolumeFlags& flags, const Session& session, const Outcome<Volume>& outcome,
           const std::string& done) {
  flags.output.print(session, volume_columns(), to_json(outcome, flags.engine.space));
  if (flags.engine.dry_run) {
    flags.engine.say(session, "Nothing was changed: this was a dry run.");
  } else {
    flags.engine.say(session, outcome.changed ? done : "It was so already; nothing was changed.");
  }
  return 0;
}

std::string cloned(const std::string& how) {
  if (how == "copy") return "Every file was copied: this file system cannot share their blocks.";
  return how == "reflink" ? "Its files share their blocks until one of them changes."
                          : "It shares all blocks until one of them changes.";
}

}  // namespace

Action declare_create_volume(CLI::App& app) {
  const SharedVolumeFlags flags = declare_named_volume(app);
  app.add_option("--size", flags->size, "what it may hold, as in 50Gi")->type_name("SIZE");
  flags->label.declare(app);
  flags->engine.declare_class(app);
  declare_common(app, *flags, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->size.empty(), "--size is missing, as in --size 50Gi");
    const std::uint64_t size = parse_size(flags->size);
    const auto outcome =
        flags->engine.open(session)->create_volume(flags->name, size, flags->label.labels());
    return report(*flags, session, outcome, next_with(*flags));
  };
}

Action declare_clone_volume(CLI::App& app) {
  const SharedVolumeFlags flags = declare_named_volume(app);
  app.add_option("--from", flags->from, "a volume or a snapshot; volume/NAME where both are there")
      ->type_name("NAME");
  app.add_option("--size", flags->size, "larger than what it comes from")->type_name("SIZE");
  flags->label.declare(app);
  flags->engine.declare_class(app);
  flags->engine.declare_snapshot_class(app);
  declare_common(app, *flags, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->from.empty(), "--from is missing: the volume or snapshot to begin with");
    const auto engine = flags->engine.open(session);
    const Origin origin = origin_of(*engine, flags->from);
    std::optional<std::uint64_t> size;
    if (!flags->size.empty()) size = parse_size(flags->size);
    const auto outcome = engine->clone_volume(flags->name, origin, size, flags->label.labels());
    const std::string done = outcome.how.empty() ? next_with(*flags) : cloned(outcome.how);
    return report(*flags, session, outcome, done);
  };
}

Action declare_resize_volume(CLI::App& app) {
  const SharedVolumeFlags flags = declare_named_volume(app);
  app.add_option("--size", flags->size, "what it may hold from now on")->type_name("SIZE");
  declare_common(app, *flags, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->size.empty(), "--size is missing, as in --size 50Gi");
    const std::uint64_t size = parse_size(flags->size);
    const auto outcome = flags->engine.open(session)->resize_volume(flags->name, size);
    return report(*flags, session, outcome, "Its files were not touched.");
  };
}

Action declare_delete_volume(CLI::App& app) {
  const SharedVolumeFlags flags = declare_named_volume(app);
  flags->dependents.declare(app);
  flags->yes.declare(app);
  declare_common(app, *flags, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    const Dependents dependents = flags->dependents.dependents();
    EngineFlags only_check = flags->engine;  // before anybody is asked
    only_check.dry_run = true;
    only_check.open(session)->delete_volume(flags->name, dependents);
    const auto engine = flags->engine.open(session);
    if (!flags->engine.dry_run) {
      flags->yes.ask(session, "Delete volume '" + flags->name + "' and its files?");
      engine->delete_volume(flags->name, dependents);
    }
    flags->output.print_gone(session, "volume", flags->name, flags->engine);
    return 0;
  };
}

Action declare_list_volumes(CLI::App& app) {
  return declare_list(app, volume_columns(), [](DataOps& engine, const std::string& space) {
    return rows_of(engine.volumes(), space);
  });
}

Action declare_show_volume(CLI::App& app) {
  const SharedVolumeFlags flags = declare_named_volume(app);
  declare_common(app, *flags, /*changes=*/false);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto engine = flags->engine.open(session);
    Json json = to_json(engine->volume(flags->name), flags->engine.space);
    add_usage(engine->usage({ObjectKind::kVolume, flags->name}), json);
    if (flags->engine.is_local()) json["size_enforced"] = false;
    json["snapshots"] = snapshots_of(*engine, flags->name);
    json["clones"] = clones_of(*engine, {ObjectKind::kVolume, flags->name});
    json["users"] = users_of(*engine, flags->name);
    flags->output.show(session, json);
    return 0;
  };
}

}  // namespace scrim::cli
