// scrim key: make the secret that noise is drawn with, or tell two apart.
#include "commands.h"
#include "files.h"
#include "flags.h"

namespace scrim::cli {
namespace {

struct Flags {
  std::string action;
  std::string path;
};

int create(const std::filesystem::path& path, const Session& session) {
  make_folder(path.has_parent_path() ? path.parent_path() : ".");
  const Key key = Key::create(path);
  session.out << path.string() << "  fingerprint " << key.fingerprint() << "\n";
  session.log
      << "Whoever reads this file can take the noise away again: keep it where the pictures are.\n";
  return 0;
}

}  // namespace

Action declare_key(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  app.add_option("ACTION", flags->action, "create or inspect");
  app.add_option("PATH", flags->path, "the key file; else ~/.config/scrim/key");
  return [flags](const Session& session) {
    const std::filesystem::path path =
        flags->path.empty() ? default_key() : std::filesystem::path(flags->path);
    if (flags->action == "create") return create(path, session);
    require(flags->action == "inspect", "scrim key knows create and inspect, not '", flags->action,
            "'");
    session.out << path.string() << "  fingerprint " << Key::load(path).fingerprint() << "\n";
    return 0;
  };
}

}  // namespace scrim::cli
