#include "listing.h"

#include "engine.h"

#include <memory>

namespace scrim::cli {
namespace {

struct LookFlags {
  std::string name;
  EngineFlags engine;
  OutputFlags output;
};

}  // namespace

Action declare_list(CLI::App& app, const std::vector<Column>& columns, const FindRows& rows) {
  const auto flags = std::make_shared<LookFlags>();
  flags->engine.declare(app, /*changes=*/false);
  flags->output.declare(app);
  return [flags, &columns, rows](const Session& session) {
    flags->output.check();
    const auto engine = flags->engine.open(session);
    flags->output.print_all(session, columns, rows(*engine, flags->engine.space));
    return 0;
  };
}

Action declare_show(CLI::App& app, const std::string& kind, const FindOne& find) {
  const auto flags = std::make_shared<LookFlags>();
  app.add_option("NAME", flags->name, "the " + kind);
  flags->engine.declare(app, /*changes=*/false);
  flags->output.declare(app);
  return [flags, kind, find](const Session& session) {
    require(!flags->name.empty(), "the NAME of the ", kind, " is missing");
    flags->output.check();
    const auto engine = flags->engine.open(session);
    flags->output.show(session, find(*engine, flags->name, flags->engine.space));
    return 0;
  };
}

}  // namespace scrim::cli
