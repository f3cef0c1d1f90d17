// Deleting the snapshots that nobody needs any more.
#include "commands.h"
#include "engine.h"
#include "output.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <memory>

namespace scrim::cli {
namespace {

struct RetentionFlags {
  std::string volume, prefix, older_than;
  std::optional<int> keep;
  EngineFlags engine;
  OutputFlags output;
  YesFlag yes;
};

// "30d", "12h", "90m".
std::chrono::minutes age_of(const std::string& text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, number);
  constexpr int kMost = 100'000;
  const bool is_number = error == std::errc() && number > 0 && number <= kMost && unit + 1 == end;
  require(is_number && std::string_view("dhm").find(*unit) != std::string_view::npos,
          "--older-than is a number of days, hours or minutes, as 30d, 12h or 90m, not '", text,
          "'");
  if (*unit == 'd') return std::chrono::hours(24 * number);
  return *unit == 'h' ? std::chrono::hours(number) : std::chrono::minutes(number);
}

// The moment as snapshots say theirs, which sorts as they do.
std::string ago(std::chrono::minutes age) {
  const std::time_t then =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - age);
  std::tm parts{};
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", ::gmtime_r(&then, &parts));
  return text;
}

// Those that go, the oldest first. What a run works on stays with the run.
std::vector<Snapshot> outdated(std::vector<Snapshot> snapshots, const RetentionFlags& flags) {
  std::erase_if(snapshots, [&](const Snapshot& one) {
    return (!flags.volume.empty() && one.volume != flags.volume) ||
           !one.name.starts_with(flags.prefix) || one.name.ends_with(".run");
  });
  std::ranges::stable_sort(snapshots, {}, &Snapshot::created);
  const std::size_t kept = static_cast<std::size_t>(flags.keep.value_or(0));
  snapshots.resize(snapshots.size() - std::min(kept, snapshots.size()));
  if (!flags.older_than.empty()) {
    const std::string before = ago(age_of(flags.older_than));
    std::erase_if(snapshots, [&](const Snapshot& one) { return one.created >= before; });
  }
  return snapshots;
}

}  // namespace

Action declare_delete_snapshots(CLI::App& app) {
  const auto flags = std::make_shared<RetentionFlags>();
  app.add_option("--of", flags->volume, "those of this volume")->type_name("VOLUME");
  app.add_option("--prefix", flags->prefix, "those whose name begins so")->type_name("TEXT");
  app.add_option("--keep", flags->keep, "but for the latest N")->type_name("N");
  app.add_option("--older-than", flags->older_than, "only those that are: 30d, 12h, 90m")
      ->type_name("AGE");
  flags->yes.declare(app);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    flags->output.check();
    require(!flags->volume.empty() || !flags->prefix.empty(), "--of or --prefix is missing");
    require(flags->keep || !flags->older_than.empty() || !flags->prefix.empty(),
            "--keep, --older-than or --prefix says which snapshots go");
    require(flags->keep.value_or(0) >= 0, "--keep is ", flags->keep.value_or(0), ", not 0 or more");
    const auto engine = flags->engine.open(session);
    if (!flags->volume.empty()) engine->volume(flags->volume);
    const std::vector<Snapshot> gone = outdated(engine->snapshots(), *flags);
    const bool dry = flags->engine.dry_run;
    if (!gone.empty() && !dry) {
      flags->yes.ask(session, "Delete " + std::to_string(gone.size()) + " snapshots, from '" +
                                  gone.front().name + "' to '" + gone.back().name + "'?");
    }
    std::vector<Json> rows;
    for (const Snapshot& one : gone) {
      if (!dry) engine->delete_snapshot(one.name);
      rows.push_back(to_json(one, flags->engine.space));
    }
    flags->output.print_all(session, snapshot_columns(), rows);
    flags->engine.say(session,
                      std::to_string(gone.size()) + (dry ? " would be deleted." : " deleted."));
    return 0;
  };
}

}  // namespace scrim::cli
