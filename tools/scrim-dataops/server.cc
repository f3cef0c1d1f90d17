// Commands on inference servers.
#include "commands.h"
#include "engine.h"
#include "listing.h"
#include "origin.h"
#include "output.h"

#include <memory>

namespace scrim::cli {
namespace {

struct ServerFlags {
  ServerPlan plan;
  std::string from;
  std::vector<std::string> resources;
  int http_port = 0;
  EngineFlags engine;
  OutputFlags output;
  YesFlag yes;
};

using SharedServerFlags = std::shared_ptr<ServerFlags>;

const std::vector<Column> kServerColumns = {
    {"NAME", "name"},       {"STATE", "state"},           {"MODELS", "volume"}, {"HTTP", "http"},
    {"GRPC", "grpc", true}, {"METRICS", "metrics", true}, {"LOG", "log", true}};

// A server's NAME, and the flags that all of its commands have.
SharedServerFlags declare_named_server(CLI::App& app, bool changes) {
  auto flags = std::make_shared<ServerFlags>();
  app.add_option("NAME", flags->plan.name, "lower case letters, digits, '-' and '.'");
  flags->engine.declare(app, changes);
  flags->output.declare(app);
  return flags;
}

void require_name(const ServerFlags& flags) {
  require(!flags.plan.name.empty(), "the NAME of the server is missing");
  flags.output.check();
}

int report(const ServerFlags& flags, const Session& session, const Outcome<ServedVolume>& done) {
  flags.output.print(session, kServerColumns, to_json(done, flags.engine.space));
  if (!done.changed) flags.engine.say(session, "It was so already; nothing was changed.");
  return 0;
}

}  // namespace

Action declare_create_server(CLI::App& app) {
  const auto flags = declare_named_server(app, /*changes=*/true);
  app.add_option("--model-repository", flags->plan.volume, "the volume that holds the models")
      ->type_name("VOLUME");
  app.add_option("--http-port", flags->http_port, "of this machine; 0 for a free one")
      ->type_name("PORT");
  app.add_option("--program", flags->plan.program, "a server that takes Triton's flags")
      ->type_name("FILE");
  app.add_option("--flag", flags->plan.flags, "one more of its flags, as --flag=--log-info=false")
      ->type_name("FLAG")
      ->allow_extra_args(false);
  app.add_option("--image", flags->plan.image, "of a cluster: holds the program [Triton's]")
      ->type_name("IMAGE");
  app.add_option("--replicas", flags->plan.replicas, "of a cluster: how many")->type_name("N");
  app.add_option("--service", flags->plan.service,
                 "of a cluster: NodePort, LoadBalancer, ClusterIP")
      ->type_name("TYPE");
  app.add_option("--resource", flags->resources, "of a cluster: as nvidia.com/gpu=1; repeated")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->plan.volume.empty(), "--model-repository is missing: a volume of models");
    constexpr int kMostPort = 65'535;
    require(flags->http_port >= 0 && flags->http_port <= kMostPort, "--http-port is ",
            flags->http_port, ", not 0 to ", kMostPort);
    flags->plan.http_port = static_cast<std::uint16_t>(flags->http_port);
    flags->plan.resources = pairs_of("--resource", flags->resources);
    return report(*flags, session, flags->engine.open(session)->create_server(flags->plan));
  };
}

Action declare_clone_server(CLI::App& app) {
  const auto flags = declare_named_server(app, /*changes=*/true);
  app.add_option("--from", flags->from, "the server whose models and settings it gets")
      ->type_name("NAME");
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->from.empty(), "--from is missing: the server to begin with");
    const auto engine = flags->engine.open(session);
    return report(*flags, session, engine->clone_server(flags->plan.name, flags->from));
  };
}

Action declare_update_server(CLI::App& app) {
  const auto flags = declare_named_server(app, /*changes=*/true);
  app.add_option("--model-repository", flags->from, "a volume, or snapshot/NAME for a clone of it")
      ->type_name("NAME");
  return [flags](const Session& session) {
    require_name(*flags);
    require(!flags->from.empty(), "--model-repository is missing: a volume or snapshot of models");
    const auto engine = flags->engine.open(session);
    const Origin models = origin_of(*engine, flags->from);
    return report(*flags, session, engine->update_server(flags->plan.name, models));
  };
}

Action declare_start_server(CLI::App& app) {
  const auto flags = declare_named_server(app, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    return report(*flags, session, flags->engine.open(session)->start_server(flags->plan.name));
  };
}

Action declare_stop_server(CLI::App& app) {
  const auto flags = declare_named_server(app, /*changes=*/true);
  return [flags](const Session& session) {
    require_name(*flags);
    return report(*flags, session, flags->engine.open(session)->stop_server(flags->plan.name));
  };
}

Action declare_delete_server(CLI::App& app) {
  const auto flags = declare_named_server(app, /*changes=*/true);
  flags->yes.declare(app);
  return [flags](const Session& session) {
    require_name(*flags);
    const auto engine = flags->engine.open(session);
    const ServedVolume server = engine->server(flags->plan.name);
    if (!flags->engine.dry_run)
      flags->yes.ask(session, "Stop and delete server '" + server.name + "'?");
    engine->delete_server(server.name);
    flags->output.print_gone(session, "server", server.name, flags->engine);
    flags->engine.say(session, "Its models stay in volume '" + server.volume + "'.");
    return 0;
  };
}

Action declare_list_servers(CLI::App& app) {
  return declare_list(app, kServerColumns, [](DataOps& engine, const std::string& space) {
    return rows_of(engine.servers(), space);
  });
}

Action declare_show_server(CLI::App& app) {
  return declare_show(app, "server", [](DataOps& engine, const auto& name, const auto& space) {
    return to_json(engine.server(name), space);
  });
}

}  // namespace scrim::cli
