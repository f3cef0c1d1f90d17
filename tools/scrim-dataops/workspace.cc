// Commands on workspaces.
#include "commands.h"
#include "engine.h"
#include "listing.h"
#include "origin.h"
#include "output.h"
#include "password.h"

#include <memory>

namespace scrim::cli {
namespace {

struct WorkspaceFlags {
  WorkspacePlan plan;
  std::string size, from, password_file;
  std::vector<std::string> mounts, environment, resources;
  int http_port = 0, gpus = 0;
  bool no_tls = false;
  EngineFlags engine;
  OutputFlags output;
  DependentsFlags dependents;
  YesFlag yes;
};

using SharedWorkspaceFlags = std::shared_ptr<WorkspaceFlags>;

const std::vector<Column> kWorkspaceColumns = {
    {"NAME", "name"}, {"STATE", "state"}, {"VOLUME", "volume"}, {"URL", "url"}};

// A workspace's NAME, and the flags that all of its commands have.
SharedWorkspaceFlags declare_named_workspace(CLI::App& app, bool changes) {
  auto flags = std::make_shared<WorkspaceFlags>();
  app.add_option("NAME", flags->plan.name, "lower case letters, digits and '-'");
  flags->engine.declare(app, changes);
  flags->output.declare(app);
  return flags;
}

void require_name(const WorkspaceFlags& flags) {
  require(!flags.plan.name.empty(), "the NAME of the workspace is missing");
  flags.output.check();
}

// What a workspace is made of.
void declare_parts(CLI::App& app, WorkspaceFlags& flags) {
  const auto repeated = [&](const char* flag, std::vector<std::string>& into, const char* help,
                            const char* type) {
    app.add_option(flag, into, help)->type_name(type)->allow_extra_args(false);
  };
  app.add_option("COMMAND..", flags.plan.command,
                 "after --: in place of JupyterLab; {port}, {folder} stand for its own");
  app.add_option("--size", flags.size, "of its own volume, as in 50Gi")->type_name("SIZE");
  repeated("--mount", flags.mounts, "a volume, and where it is seen: data:/home/jovyan/data",
           "VOLUME:PATH");
  repeated("--env", flags.environment, "a variable of its program", "NAME=VALUE");
  app.add_option("--password-file", flags.password_file, "its first line; - asks [a token]")
      ->type_name("FILE");
  app.add_option("--http-port", flags.http_port, "of this machine; 0 for a free one")
      ->type_name("PORT");
  app.add_option("--image", flags.plan.image, "of a cluster [Jupyter's, with PyTorch]")
      ->type_name("IMAGE");
  app.add_option("--folder", flags.plan.folder, "of a cluster: of its files [/home/jovyan]")
      ->type_name("PATH");
  app.add_option("--gpus", flags.gpus, "of a cluster: how many, of NVIDIA")->type_name("N");
  repeated("--resource", flags.resources, "of a cluster: as memory=16Gi; repeated", "NAME=N");
  app.add_option("--service", flags.plan.service, "of a cluster: NodePort, LoadBalancer, ClusterIP")
      ->type_name("TYPE");
  app.add_option("--tls-secret", flags.plan.tls_secret, "of a cluster: a certificate [makes one]")
      ->type_name("NAME");
  app.add_flag("--no-tls", flags.no_tls, "of a cluster: in clear text");
}

// "data:/home/jovyan/data"
std::vector<Mount> mounts_of(const std::vector<std::string>& given) {
  std::vector<Mount> mounts;
  for (const std::string& one : given) {
    const std::size_t colon = one.find(':');
    require(colon != std::string::npos, "--mount is VOLUME:PATH, not '", one, "'");
    mounts.push_back({one.substr(0, colon), one.substr(colon + 1)});
  }
  return mounts;
}

void fill_plan(WorkspaceFlags& flags, const Session& session) {
  constexpr int kMostPort = 65'535;
  require(flags.http_port >= 0 && flags.http_port <= kMostPort, "--http-port is ", flags.http_port,
          ", not 0 to ", kMostPort);
  require(flags.gpus >= 0, "--gpus is ", flags.gpus, ", not 0 or more");
  WorkspacePlan& plan = flags.plan;
  plan.http_port = static_cast<std::uint16_t>(flags.http_port);
  if (!flags.size.empty()) plan.size = parse_size(flags.size);
  plan.mounts = mounts_of(flags.mounts);
  plan.environment = pairs_of("--env", flags.environment);
  plan.resources = pairs_of("--resource", flags.resources);
  if (flags.gpus > 0) plan.resources["nvidia.com/gpu"] = std::to_string(flags.gpus);
  plan.tls = !flags.no_tls;
  if (!flags.password_file.empty()) plan.password = read_password(session, flags.password_file);
}

int report(const WorkspaceFlags& flags, const Session& session, const Outcome<Workspace>& done,
           const std::string& next) {
  flags.output.print(session, kWorkspaceColumns, to_json(done, flags.engine.space));
  if (flags.engine.dry_run) {
    flags.engine.say(session, "Nothing was changed: this was a dry run.");
  } else {
    flags.engine.say(session, done.changed ? next : "It was so already; nothing was changed.");
  }
  return 0;
}

constexpr const char* kNext = "Open its URL in a browser.";

}  // namespace

Action declare_create_workspace(CLI::App& app) {
  const auto flags = declare_named_workspace(app, /*changes=*/true);
  declare_parts(app, *flags);
  flags->engine.declare_class(app);
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->size.empty(), "--size is missing, as in --size 50Gi");
    fill_plan(*flags, session);
    const auto outcome = flags->engine.open(session)->create_workspace(flags->plan);
    return report(*flags, session, outcome, kNext);
  };
}

Action declare_clone_workspace(CLI::App& app) {
  const auto flags = declare_named_workspace(app, /*changes=*/true);
  app.add_option("--from", flags->from, "a workspace, or snapshot/NAME of its volume")
      ->type_name("NAME");
  declare_parts(app, *flags);
  flags->engine.declare_snapshot_class(app);
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->from.empty(), "--from is missing: the workspace to begin with");
    fill_plan(*flags, session);
    const auto engine = flags->engine.open(session);
    const bool has_kind = flags->from.find('/') != std::string::npos;
    const Origin origin = origin_of(*engine, has_kind ? flags->from : "workspace/" + flags->from);
    return report(*flags, session, engine->clone_workspace(flags->plan, origin), kNext);
  };
}

Action declare_start_workspace(CLI::App& app) {
  const auto flags = declare_named_workspace(app, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto outcome = flags->engine.open(session)->start_workspace(flags->plan.name);
    return report(*flags, session, outcome, kNext);
  };
}

Action declare_stop_workspace(CLI::App& app) {
  const auto flags = declare_named_workspace(app, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto outcome = flags->engine.open(session)->stop_workspace(flags->plan.name);
    return report(*flags, session, outcome, "Its files stay.");
  };
}

Action declare_delete_workspace(CLI::App& app) {
  const auto flags = declare_named_workspace(app, /*changes=*/true);
  flags->dependents.declare(app);
  flags->yes.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    const std::string& name = flags->plan.name;
    const Dependents dependents = flags->dependents.dependents();
    EngineFlags only_check = flags->engine;  // before anybody is asked
    only_check.dry_run = true;
    only_check.open(session)->delete_workspace(name, dependents);
    const auto engine = flags->engine.open(session);
    if (!flags->engine.dry_run) {
      flags->yes.ask(session, "Delete workspace '" + name + "' and its files?");
      engine->delete_workspace(name, dependents);
    }
    flags->output.print_gone(session, "workspace", name, flags->engine);
    return 0;
  };
}

Action declare_list_workspaces(CLI::App& app) {
  return declare_list(app, kWorkspaceColumns, [](DataOps& engine, const std::string& space) {
    return rows_of(engine.workspaces(), space);
  });
}

Action declare_show_workspace(CLI::App& app) {
  return declare_show(app, "workspace", [](DataOps& engine, const auto& name, const auto& space) {
    return to_json(engine.workspace(name), space);
  });
}

}  // namespace scrim::cli
