#include "repository/model_folder.h"

#include "base/check.h"
#include "base/files.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostConfigBytes = std::size_t{1} << 20;
constexpr std::size_t kMostLabelBytes = std::size_t{16} << 20;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Of "3", not of "03", "3a" or "0".
std::optional<std::int64_t> version_of(const std::string& name) {
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  const bool whole = error == std::errc() && end == name.data() + name.size();
  if (!whole || name[0] == '0' || version <= 0) return std::nullopt;
  return version;
}

// FNV-1a, 64 bits: changes are told apart, no more is asked of it.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0);
  }
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) mix((number >> shift) & 0xff);
  }
  std::uint64_t value() const { return state_; }

 private:
  void mix(std::uint64_t byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

// Adds every regular file below; what vanishes meanwhile shows in the next look.
void add_files(Fingerprint& fingerprint, const fs::path& folder, int depth) {
  constexpr int kDeepest = 4;
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(*at);
  }
  std::ranges::sort(entries, {}, [](const auto& entry) { return entry.path(); });
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.')) continue;
    fingerprint.add(name);
    std::error_code gone;
    if (entry.is_directory(gone)) {
      if (depth < kDeepest) add_files(fingerprint, entry.path(), depth + 1);
      continue;
    }
    fingerprint.add(static_cast<std::uint64_t>(fs::file_size(entry.path(), gone)));
    const auto time = fs::last_write_time(entry.path(), gone);
    fingerprint.add(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  }
}

ModelFolder look_at(const fs::path& path) {
  ModelFolder folder;
  folder.name = path.filename().string();
  folder.path = path;
  std::error_code error;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const auto version = version_of(at->path().filename().string());
    if (version && at->is_directory(gone)) folder.versions.push_back(*version);
  }
  std::ranges::sort(folder.versions);
  Fingerprint fingerprint;
  add_files(fingerprint, path, 0);
  folder.fingerprint = fingerprint.value();
  return folder;
}

// A name from a config, which must not lead out of its folder.
void check_inside(const std::string& model, const char* field, const std::string& name) {
  check(!name.empty() && name.find('/') == std::string::npos && name != "." && name != "..",
        "model '", model, "': ", field, " '", name, "' is no name of a file in its folder");
}

}  // namespace

bool is_model_name(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName && is_letter_or_digit(name[0]) &&
         name.find("..") == std::string::npos && std::ranges::all_of(name, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

std::vector<ModelFolder> list_models(const std::vector<fs::path>& repositories) {
  std::map<std::string, ModelFolder> models;
  for (const fs::path& repository : repositories) {
    std::error_code error;
    fs::directory_iterator at(repository, error);
    if (error) {
      fail(ErrorCode::kNotFound, "model repository '", repository.string(),
           "' is no folder that can be read");
    }
    for (const fs::directory_iterator end; !error && at != end; at.increment(error)) {
      std::error_code gone;
      const std::string name = at->path().filename().string();
      if (!is_model_name(name) || !at->is_directory(gone)) continue;
      if (const auto twin = models.find(name); twin != models.end()) {
        twin->second.ambiguous = true;
      } else {
        models.emplace(name, look_at(at->path()));
      }
    }
  }
  std::vector<ModelFolder> result;
  for (auto& [name, folder] : models) result.push_back(std::move(folder));
  return result;
}

ModelConfig read_model_config(const ModelFolder& folder, const std::string& config_name) {
  fs::path file = folder.path / "config.pbtxt";
  if (!config_name.empty()) {
    check_inside(folder.name, "config name", config_name);
    const fs::path named = folder.path / "configs" / (config_name + ".pbtxt");
    if (std::error_code error; fs::is_regular_file(named, error)) file = named;
  }
  if (std::error_code error; !fs::is_regular_file(file, error)) {
    fail(ErrorCode::kNotFound, "model '", folder.name, "' has no config.pbtxt");
  }
  return parse_model_config(read_file(file, kMostConfigBytes), folder.name);
}

std::vector<std::int64_t> served_versions(const VersionPolicy& policy,
                                          const std::vector<std::int64_t>& versions) {
  std::vector<std::int64_t> served;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const bool latest = versions.size() - i <= policy.latest;
    const bool named = std::ranges::find(policy.specific, versions[i]) != policy.specific.end();
    if (policy.kind == VersionPolicy::Kind::kAll ||
        (policy.kind == VersionPolicy::Kind::kLatest && latest) ||
        (policy.kind == VersionPolicy::Kind::kSpecific && named)) {
      served.push_back(versions[i]);
    }
  }
  return served;
}

fs::path model_file(const ModelFolder& folder, const ModelConfig& config, std::int64_t version) {
  std::string name = config.default_model_filename;
  if (name.empty()) {
    name = config.backend == "pytorch"    ? "model.pt"
           : config.backend == "openvino" ? "model.xml"
                                          : "model.onnx";
  }
  check_inside(folder.name, "default_model_filename", name);
  return folder.path / std::to_string(version) / name;
}

std::vector<std::string> read_labels(const ModelFolder& folder, const TensorConfig& output) {
  std::vector<std::string> labels;
  if (output.label_filename.empty()) return labels;
  check_inside(folder.name, "label_filename", output.label_filename);
  const fs::path file = folder.path / output.label_filename;
  if (std::error_code error; !fs::is_regular_file(file, error)) {
    fail(ErrorCode::kNotFound, "model '", folder.name, "' has no label file '",
         output.label_filename, "'");
  }
  std::istringstream lines(read_file(file, kMostLabelBytes));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    labels.push_back(line);
  }
  return labels;
}

}  // namespace scrim
