// Commands on namespaces.
#include "commands.h"
#include "engine.h"
#include "listing.h"
#include "output.h"

#include <memory>

namespace scrim::cli {
namespace {

struct NamespaceFlags {
  std::string name;
  EngineFlags engine;
  OutputFlags output;
  YesFlag yes;
};

}  // namespace

Action declare_create_namespace(CLI::App& app) {
  const auto flags = std::make_shared<NamespaceFlags>();
  app.add_option("NAME", flags->name, "lower case letters, digits and '-'");
  flags->engine.declare(app, /*changes=*/true);
  return [flags](const Session& session) {
    const bool is_new = flags->engine.open(session)->create_namespace(flags->name);
    session.out << flags->name << (is_new ? "  created\n" : "  is there already\n");
    return 0;
  };
}

Action declare_delete_namespace(CLI::App& app) {
  const auto flags = std::make_shared<NamespaceFlags>();
  app.add_option("NAME", flags->name, "the namespace");
  flags->yes.declare(app);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    flags->yes.ask(session, "Delete namespace '" + flags->name + "'?");
    flags->engine.open(session)->delete_namespace(flags->name);
    flags->output.print_gone(session, "namespace", flags->name, flags->engine);
    return 0;
  };
}

Action declare_list_namespaces(CLI::App& app) {
  return declare_list(app, kNameColumn, [](DataOps& engine, const std::string&) {
    std::vector<Json> rows;
    for (const std::string& name : engine.namespaces()) {
      rows.push_back({{"kind", "namespace"}, {"name", name}});
    }
    return rows;
  });
}

}  // namespace scrim::cli
