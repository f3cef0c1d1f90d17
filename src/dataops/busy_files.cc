#include "dataops/busy_files.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

namespace scrim {
namespace fs = std::filesystem;
namespace {

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

bool link_leads_below(const fs::path& link, const std::string& folder) {
  std::error_code error;
  const fs::path target = fs::read_symlink(link, error);
  return !error && is_below(target.string(), folder);
}

bool has_open_below(const fs::path& process, const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    if (link_leads_below(entry->path(), folder)) return true;
  }
  return false;
}

// A mapped file needs no descriptor: the sixth field of a line of "maps" is its path.
bool has_mapped_below(const fs::path& process, const std::string& folder) {
  std::ifstream maps(process / "maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t path = line.find('/');
    if (path != std::string::npos && is_below(line.substr(path), folder)) return true;
  }
  return false;
}

bool uses(const fs::path& process, const std::string& folder) {
  return link_leads_below(process / "cwd", folder) || link_leads_below(process / "root", folder) ||
         has_open_below(process, folder) || has_mapped_below(process, folder);
}

}  // namespace

std::vector<std::string> users_of(const fs::path& folder) {
  std::error_code error;
  const std::string real = fs::canonical(folder, error).string();
  if (error) return {};
  std::map<long, std::string> found;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string number = entry->path().filename().string();
    long process = 0;
    const auto [stop, bad] = std::from_chars(number.data(), number.data() + number.size(), process);
    if (bad != std::errc() || stop != number.data() + number.size() || process == ::getpid()) {
      continue;
    }
    if (!uses(entry->path(), real)) continue;
    std::string name;
    std::getline(std::ifstream(entry->path() / "comm") >> std::ws, name);
    found[process] = name.append(" (pid ").append(number).append(")");
  }
  std::vector<std::string> users;
  for (const auto& [process, user] : found) users.push_back(user);
  return users;
}

}  // namespace scrim
