#include "dataops/root.h"

#include <scrim/dataops.h>

#include "base/check.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/json.h"
#include "dataops/names.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDefault = "default";
constexpr const char* kMark = "scrim-dataops.json";
constexpr int kRootVersion = 1;

// Makes a folder; one that is there already is as good.
void make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return;
  std::error_code ignored;
  if (errno != EEXIST || !fs::is_directory(path, ignored)) fail_to_write(path, errno);
}

void make_space(const fs::path& folder) {
  make_folder(folder);
  for (const char* name :
       {"volumes", "snapshots", "servers", "workspaces", "runs", "transfers", "staging"})
    make_folder(folder / name);
}

void check_mark(const fs::path& mark) {
  const Json json = parse_json(read_file(mark), "'" + mark.string() + "'");
  const bool known = json.is_object() && json.value("format", "") == "scrim-dataops";
  if (!known) fail(ErrorCode::kCorrupt, "'", mark.string(), "' is not of this program");
  if (json.value("format_version", 0) != kRootVersion) {
    fail(ErrorCode::kUnsupported, "'", mark.string(), "' is of a newer version of Scrim");
  }
}

// Other than the mark, also one that another process is about to write.
bool holds_other_files(const fs::path& root) {
  std::error_code error;
  bool others = false;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    others |= entry->path().filename().string().find(kMark) == std::string::npos;
  }
  if (error) fail(ErrorCode::kUnavailable, "cannot read ", root.string(), ": ", error.message());
  return others;
}

bool has_entries(const fs::path& folder) {
  std::error_code error;
  return fs::directory_iterator(folder, error) != fs::directory_iterator();
}

}  // namespace

void prepare_root(const fs::path& root) {
  std::error_code error;
  const fs::path mark = root / kMark;
  if (fs::exists(mark, error)) {
    check_mark(mark);
    return make_space(root / kDefault);
  }
  check(!fs::exists(root, error) || fs::is_directory(root, error), "the root '", root.string(),
        "' is a file, not a folder");
  fs::create_directories(root, error);
  if (error) fail_to_write(root, error.value());
  check(!holds_other_files(root), "the root '", root.string(),
        "' holds other files; a root of volumes is a folder of its own");
  const Json json = {{"format", "scrim-dataops"}, {"format_version", kRootVersion}};
  write_file_atomically(mark, json.dump() + "\n");
  make_space(root / kDefault);
}

SpaceFolders folders_for(const fs::path& root, const std::string& space) {
  check_namespace(space);
  const fs::path folder = root / space;
  return {folder / "volumes", folder / "snapshots", folder / "servers", folder / "workspaces",
          folder / "runs",    folder / "transfers", folder / "staging"};
}

SpaceFolders folders_of(const fs::path& root, const std::string& space) {
  SpaceFolders folders = folders_for(root, space);
  const fs::path folder = root / space;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    std::string names;
    for (const std::string& name : local_namespaces(root)) {
      names += (names.empty() ? "" : ", ") + name;
    }
    fail(ErrorCode::kNotFound, "there is no namespace '", space, "', only ", names);
  }
  return folders;
}

std::vector<std::string> local_namespaces(const fs::path& root) {
  prepare_root(root);
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool create_local_namespace(const fs::path& root, const std::string& name) {
  check_namespace(name);
  prepare_root(root);
  std::error_code ignored;
  const bool is_new = !fs::exists(root / name / "staging", ignored);
  make_space(root / name);
  return is_new;
}

void delete_local_namespace(const fs::path& root, const std::string& name) {
  prepare_root(root);
  const SpaceFolders folders = folders_of(root, name);
  if (name == kDefault) fail(ErrorCode::kRefused, "namespace 'default' is always there");
  if (has_entries(folders.volumes) || has_entries(folders.snapshots) ||
      has_entries(folders.servers) || has_entries(folders.workspaces) ||
      has_entries(folders.transfers)) {
    fail(ErrorCode::kRefused, "namespace '", name,
         "' holds volumes, snapshots, servers, workspaces or transfers; delete them first");
  }
  // Only empty folders go: whoever makes a volume at this moment keeps it.
  for (const fs::path& folder :
       {folders.staging, folders.volumes, folders.snapshots, folders.servers, folders.workspaces,
        folders.runs, folders.transfers}) {
    if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) fail_to_write(folder, errno);
  }
  if (::rmdir((root / name).c_str()) != 0) fail_to_write(root / name, errno);
}

}  // namespace scrim
