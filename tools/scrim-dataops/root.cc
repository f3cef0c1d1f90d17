// Commands on the root of volumes of this machine.
#include "commands.h"
#include "engine.h"

#include <memory>

namespace scrim::cli {
namespace {

struct RootFlags {
  std::string size;
  EngineFlags engine;
  YesFlag yes;
};

std::shared_ptr<RootFlags> declare_root(CLI::App& app) {
  auto flags = std::make_shared<RootFlags>();
  app.add_option("--root", flags->engine.root, "the folder that it is mounted at")
      ->type_name("FOLDER");
  return flags;
}

}  // namespace

Action declare_create_root(CLI::App& app) {
  const auto flags = declare_root(app);
  app.add_option("--size", flags->size, "that it may grow to, as in 100Gi")->type_name("SIZE");
  return [flags](const Session& session) {
    require(!flags->size.empty(), "--size is missing, as in --size 100Gi");
    const auto folder = flags->engine.folder();
    const bool changed = create_image_root(folder, parse_size(flags->size));
    session.out << folder.string() << (changed ? "  mounted\n" : "  is mounted already\n");
    return 0;
  };
}

Action declare_delete_root(CLI::App& app) {
  const auto flags = declare_root(app);
  flags->yes.declare(app);
  return [flags](const Session& session) {
    const auto folder = flags->engine.folder();
    flags->yes.ask(session, "Delete all volumes below '" + folder.string() + "'?");
    delete_image_root(folder);
    session.out << folder.string() << "  deleted\n";
    return 0;
  };
}

}  // namespace scrim::cli
