// Files of the command line: where things are by default, and writing nothing by halves.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace scrim::cli {

// $XDG_CONFIG_HOME/scrim/key, else ~/.config/scrim/key.
std::filesystem::path default_key();

// What to type to run this program again: "scrim" if it is on PATH, else its path from here.
std::string program_name();

// The detector that comes with Scrim: beside the build tree or where it was installed.
// Throws kNotFound.
std::filesystem::path shipped_weights();

// Writes a text file under a temporary name, then renames it. Throws kUnavailable.
void write_text(const std::filesystem::path& path, std::string_view text);

// Makes the folder and those above it. Throws kUnavailable with the system's reason.
void make_folder(const std::filesystem::path& folder);

// Throws kUnavailable unless a file can be made in `folder`: asked before hours of work.
void check_writable(const std::filesystem::path& folder);

// A new folder beside `target`, renamed onto it by keep(), else removed with all that is in it.
class NewFolder {
 public:
  // Throws kInvalidArgument if `target` exists, unless it is an empty folder.
  explicit NewFolder(std::filesystem::path target);
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void keep();

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
};

// A folder for what is needed only while a command runs.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace scrim::cli
