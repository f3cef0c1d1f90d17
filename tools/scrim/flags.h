// Flags that several verbs share: one name, one default, one help text.
#pragma once

#include "command/command.h"

#include <scrim/dataset.h>
#include <scrim/key.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace scrim::cli {

// A struct that outlives the reading of flags: `declare` fills it through CLI11's references, the
// action that declare returned reads it. Both own it.
template <typename Flags>
std::shared_ptr<Flags> make_flags() {
  return std::make_shared<Flags>();
}

struct DatasetFlags {
  std::string folder;
  std::string layout = "auto";
  std::string list;

  void declare(CLI::App& app);
  Dataset open() const;  // throws as Dataset::open; kInvalidArgument without --dataset
};

struct KeyFlag {
  std::string path;

  void declare(CLI::App& app);
  Key load() const;  // of --key, else the default; kNotFound says how to make one
};

// --scale and --window, whose defaults are the task's.
struct ViewFlags {
  std::optional<double> scale;
  std::optional<int> window;

  void declare(CLI::App& app);
  void check() const;
  // What was given; else `scale` and `window` stay for faces, and are 1 and 64 for classes.
  void apply(const Dataset& dataset, double& own_scale, int& own_window) const;
};

void declare_threads(CLI::App& app, int& threads);
void check_threads(int threads);
void check_window(int window);
// Throws kUnavailable unless a file can be made in the folder of `output`.
void check_output_folder(const std::filesystem::path& output);

// Alphas as they are typed, each checked to be in (0, 1).
void declare_alphas(CLI::App& app, std::vector<double>& alphas, const std::string& help);
void check_alpha(double alpha);

void declare_scale(CLI::App& app, double& scale);
// Throws kInvalidArgument unless low <= value <= high, naming the flag.
void check_range(const char* flag, double value, double low, double high);

}  // namespace scrim::cli
