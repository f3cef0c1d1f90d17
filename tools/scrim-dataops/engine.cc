#include "engine.h"

#include "terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace scrim::cli {
namespace {

std::string root_variable() {
  const char* value = std::getenv("SCRIM_DATAOPS_ROOT");
  return value == nullptr ? "" : value;
}

}  // namespace

void EngineFlags::declare(CLI::App& app, bool changes) {
  app.add_option("--root", root, "folder of volumes on this machine [SCRIM_DATAOPS_ROOT]")
      ->type_name("FOLDER");
  app.add_option("--context", context, "cluster of the kubeconfig, in place of this machine")
      ->type_name("NAME");
  app.add_option("--namespace", space, "where the names are looked up [the context's, or default]")
      ->type_name("NAME");
  app.add_option("--timeout", timeout_secs, "how long to wait, in seconds [30, of a cluster 300]")
      ->type_name("SECONDS");
  app.add_flag("--quiet", quiet, "no progress and no words but the data and the errors");
  if (!changes) return;
  app.add_flag("--dry-run", dry_run, "say what would be there, and change nothing");
  app.add_flag("--no-wait", no_wait, "of a cluster: ask, and do not wait until it is so");
}

void EngineFlags::declare_class(CLI::App& app) {
  app.add_option("--class", cluster.storage_class, "of a cluster: its storage class [the default]")
      ->type_name("NAME");
  app.add_option("--access-mode", cluster.access_mode, "of a cluster: as ReadWriteMany, for nodes")
      ->type_name("MODE");
}

void EngineFlags::declare_snapshot_class(CLI::App& app) {
  app.add_option("--snapshot-class", cluster.snapshot_class,
                 "of a cluster: its snapshot class [the default]")
      ->type_name("NAME");
}

bool EngineFlags::is_local() const {
  require(root.empty() || context.empty(), "--root and --context exclude each other");
  if (!context.empty()) return false;
  return !root.empty() || !root_variable().empty() || !has_cluster();
}

std::filesystem::path EngineFlags::folder() const {
  if (!root.empty()) return root;
  if (!root_variable().empty()) return root_variable();
  const char* home = std::getenv("HOME");
  require(home != nullptr && *home != '\0', "--root is missing, and there is no HOME");
  return std::filesystem::path(home) / ".local/share/scrim";
}

std::chrono::milliseconds EngineFlags::timeout(double otherwise) const {
  constexpr double kMost = 86'400;
  const double seconds = timeout_secs.value_or(otherwise);
  require(seconds >= 0 && seconds <= kMost, "--timeout is ", seconds, ", not 0 to ", kMost,
          " seconds");
  return std::chrono::milliseconds(static_cast<long>(seconds * 1000));
}

std::unique_ptr<DataOps> EngineFlags::open(const Session& session) {
  std::unique_ptr<DataOps> engine;
  if (is_local()) {
    for (const auto& [flag, value] : {std::pair("--class", cluster.storage_class),
                                      std::pair("--snapshot-class", cluster.snapshot_class)}) {
      require(value.empty(), flag, " ", value, " is of a cluster, and '", folder().string(),
              "' is a folder of this machine");
    }
    LocalOptions options;
    if (!space.empty()) options.space = space;
    options.timeout = timeout(30);
    if (!quiet) options.progress = session.progress;
    options.stop = session.stop;
    options.dry_run = dry_run;
    options.stops_users = cluster.stops_users;
    engine = open_local(folder(), options);
  } else {
    ClusterOptions options = cluster;
    options.context = context;
    options.space = space;
    options.timeout = timeout(300);
    options.wait = !no_wait;
    options.stop = session.stop;
    options.dry_run = dry_run;
    if (!quiet) options.on_news = [&](const std::string& news) { session.log << news << "\n"; };
    engine = open_cluster(options);
  }
  space = engine->space();
  return engine;
}

void EngineFlags::say(const Session& session, const std::string& sentence) const {
  if (!quiet) session.log << sentence << "\n";
}

void LabelFlags::declare(CLI::App& app) {
  app.add_option("--label", given, "NAME=VALUE, kept with it; may be repeated")
      ->type_name("LABEL")
      ->allow_extra_args(false);
}

Labels pairs_of(const char* flag, const std::vector<std::string>& given) {
  Labels pairs;
  for (const std::string& one : given) {
    const std::size_t equals = one.find('=');
    require(equals != std::string::npos, flag, " is NAME=VALUE, not '", one, "'");
    pairs[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return pairs;
}

Labels LabelFlags::labels() const { return pairs_of("--label", given); }

void YesFlag::declare(CLI::App& app) { app.add_flag("--yes", yes, "do not ask"); }

void YesFlag::ask(const Session& session, const std::string& question) const {
  if (yes) return;
  if (::isatty(STDIN_FILENO) == 0) {
    fail(ErrorCode::kRefused, "nobody can be asked: ", question, " --yes says so");
  }
  session.log << question << " [y/N] " << std::flush;
  const std::string answer = typed_line(session);
  if (answer != "y" && answer != "yes") fail(ErrorCode::kRefused, "nothing was changed");
}

}  // namespace scrim::cli
