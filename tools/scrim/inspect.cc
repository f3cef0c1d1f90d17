// scrim inspect: what lies at a path, without running it. Of a key, the fingerprint alone.
#include "commands.h"
#include "flags.h"

#include <scrim/network.h>
#include <scrim/release.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace scrim::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::string path;
  bool json = false;
};

double bits_per_element(double alpha) { return -std::log2(alpha) / 2; }

// Directions that carry something at the calibrated alpha of that index.
std::int64_t sent(const NoiseParameters& noise, std::size_t index) {
  return std::count_if(noise.scale[index].begin(), noise.scale[index].end(),
                       [](float scale) { return scale > 0; });
}

Json describe(const Release& release) {
  const Manifest& manifest = release.manifest();
  const NoiseParameters& noise = release.noise();
  Json alphas = Json::array();
  for (std::size_t i = 0; i < noise.alphas.size(); ++i) {
    const double bits = bits_per_element(noise.alphas[i]);
    alphas.push_back({{"alpha", noise.alphas[i]},
                      {"bits_per_element", bits},
                      {"bits_per_cell", bits * static_cast<double>(noise.channels)},
                      {"directions_used", sent(noise, i)}});
  }
  return {{"kind", "release"},
          {"release_id", manifest.release_id},
          {"model", manifest.model},
          {"task", manifest.task},
          {"split_point", manifest.split_point},
          {"allocation", manifest.objective},
          {"scale", manifest.input.scale},
          {"channels", noise.channels},
          {"directions", noise.directions},
          {"clip", noise.clip},
          {"alphas", alphas},
          {"data_digest", manifest.data_digest},
          {"tool_version", manifest.tool_version},
          {"created", manifest.created},
          {"files", manifest.files.size()}};
}

Json describe(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    fail(ErrorCode::kNotFound, "no file or folder ", path.string());
  }
  if (std::filesystem::is_directory(path, ignored)) return describe(Release::open(path));
  if (path.extension() == ".safetensors" || path.extension() == ".pt") {
    const Network network = Network::load(path);
    return {{"kind", "weights"},
            {"model", network.model()},
            {"bytes", std::filesystem::file_size(path)},
            {"split_point", network.options().split_point}};
  }
  return {{"kind", "key"}, {"fingerprint", Key::load(path).fingerprint()}};
}

void print(const Json& json, std::ostream& out) {
  for (const auto& [name, value] : json.items()) {
    if (!value.is_array()) {
      out << name << ": " << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
      continue;
    }
    for (const Json& row : value) {
      std::string line;
      for (const auto& [field, figure] : row.items()) line += "  " + field + " " + figure.dump();
      out << line << "\n";
    }
  }
}

}  // namespace

Action declare_inspect(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  app.add_option("PATH", flags->path,
                 "a release folder, a weight file (.safetensors, .pt) or a key");
  app.add_flag("--json", flags->json, "print JSON");
  return [flags](const Session& session) {
    require(!flags->path.empty(), "name the release, weight file or key to inspect");
    const Json json = describe(std::filesystem::path(flags->path));
    if (flags->json) {
      session.out << json.dump(2) << "\n";
    } else {
      print(json, session.out);
    }
    return 0;
  };
}

}  // namespace scrim::cli
