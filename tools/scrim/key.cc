// scrim key: make the secret that noise is drawn with, or tell two apart.
#include "commands.h"
#include "files.h"
#include "flags.h"

namespace scrim::cli {
namespace {

struct KeyFlags {
  std::string action;
  std::string path;
  std::string old = "keep";
};

int create(const std::filesystem::path& path, const Session& session) {
  make_folder(path.has_parent_path() ? path.parent_path() : ".");
  const Key key = Key::create(path);
  session.out << path.string() << "  fingerprint " << key.fingerprint() << "\n";
  session.log
      << "Whoever reads this file can take the noise away again: keep it where the pictures are.\n";
  return 0;
}

int rotate(const std::filesystem::path& path, const std::string& old, const Session& session) {
  require(old == "keep" || old == "destroy", "--old is keep or destroy, not '", old, "'");
  const std::string former = Key::load(path).fingerprint();
  const Key key = Key::rotate(path, old == "keep" ? OldKey::kKeep : OldKey::kDestroy);
  session.out << path.string() << "  fingerprint " << key.fingerprint() << ", was " << former
              << "\n";
  if (old == "keep") session.out << path.string() << "." << former << "  the old key\n";
  session.log << "A picture that was sent under the old key gets another draw now, which is a "
                 "repeat: an accountant counts it.\n";
  return 0;
}

}  // namespace

Action declare_key(CLI::App& app) {
  const auto flags = make_flags<KeyFlags>();
  app.add_option("ACTION", flags->action, "create, inspect or rotate");
  app.add_option("PATH", flags->path, "the key file; else ~/.config/scrim/key");
  app.add_option("--old", flags->old, "rotate: keep the old key beside the new one, or destroy it")
      ->type_name("NAME");
  return [flags](const Session& session) {
    const std::filesystem::path path =
        flags->path.empty() ? default_key() : std::filesystem::path(flags->path);
    if (flags->action == "create") return create(path, session);
    if (flags->action == "rotate") return rotate(path, flags->old, session);
    require(flags->action == "inspect", "scrim key knows create, inspect and rotate, not '",
            flags->action, "'");
    session.out << path.string() << "  fingerprint " << Key::load(path).fingerprint() << "\n";
    return 0;
  };
}

}  // namespace scrim::cli
