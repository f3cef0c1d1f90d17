// scrim inspect: what lies at a path, without running it. Of a key, the fingerprint alone.
#include "attack.h"
#include "commands.h"
#include "flags.h"

#include <scrim/network.h>
#include <scrim/noise.h>
#include <scrim/release.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace scrim::cli {
namespace {

using Json = nlohmann::ordered_json;

struct InspectFlags {
  std::string path;
  std::string picture = "400x300";
  bool json = false;
};

// "400x300".
struct PictureSize {
  std::int64_t width = 0, height = 0;

  static PictureSize parse(const std::string& text) {
    PictureSize size;
    char x = 0, rest = 0;
    std::istringstream in(text);
    in >> size.width >> x >> size.height;
    require(in && x == 'x' && !(in >> rest) && size.width > 0 && size.height > 0 &&
                size.width <= kMaxImageSide && size.height <= kMaxImageSide,
            "--picture is WIDTHxHEIGHT in pixels, as in 400x300, not '", text, "'");
    return size;
  }
  // Of the activation. A head rounds the last cell of a side up.
  std::int64_t cells(const Manifest& manifest) const {
    const auto side = [&](std::int64_t pixels) {
      return static_cast<std::int64_t>(
          std::ceil(static_cast<double>(pixels) * manifest.input.scale /
                    static_cast<double>(manifest.stride)));
    };
    return side(width) * side(height);
  }
};

// Directions that carry something at the calibrated alpha of that index.
std::int64_t sent(const NoiseParameters& noise, std::size_t index) {
  return std::count_if(noise.scale[index].begin(), noise.scale[index].end(),
                       [](float scale) { return scale > 0; });
}

double largest_snr(const NoiseParameters& noise, std::size_t index) {
  double largest = 0;
  for (std::size_t k = 0; k < noise.scale[index].size(); ++k) {
    if (!(noise.scale[index][k] > 0)) continue;
    const double ratio = static_cast<double>(noise.scale[index][k]) / noise.sigma[index][k];
    largest = std::max(largest, ratio * ratio);
  }
  return largest;
}

// What was not measured is left out.
Json describe_alpha(const Release& release, std::size_t index, std::int64_t cells) {
  const NoiseParameters& parameters = release.noise();
  const Noise noise(release, attackers_key(), {.alpha = parameters.alphas[index]});
  Json row = {
      {"alpha", noise.alpha()},
      {"held_out_alpha", noise.realised_alpha()},
      {"bits_per_element", noise.bits_per_element()},
      {"bits_per_cell", noise.bits_per_cell()},
      {"bits_per_picture", noise.bits_per_cell() * static_cast<double>(cells)},
      {"n_ln_inverse_alpha", -std::log(noise.alpha()) * static_cast<double>(parameters.channels)},
      {"directions_used", sent(parameters, index)},
      {"largest_snr", largest_snr(parameters, index)}};
  if (!std::isnan(noise.joint_alpha())) row["held_out_joint_alpha"] = noise.joint_alpha();
  if (!parameters.held_out_cell_norm.empty()) {
    row["cell_norm"] = parameters.held_out_cell_norm[index];
  }
  return row;
}

Json describe(const Release& release, const PictureSize& picture) {
  const Manifest& manifest = release.manifest();
  const NoiseParameters& noise = release.noise();
  const std::int64_t cells = picture.cells(manifest);
  Json alphas = Json::array();
  for (std::size_t i = 0; i < noise.alphas.size(); ++i) {
    alphas.push_back(describe_alpha(release, i, cells));
  }
  Json json = {{"kind", "release"},
               {"release_id", manifest.release_id},
               {"model", manifest.model},
               {"task", manifest.task},
               {"split_point", manifest.split_point},
               {"objective", manifest.objective},
               {"scale", manifest.input.scale}};
  if (manifest.input.largest_side > 0) {
    json["smallest_side"] = manifest.input.smallest_side;
    json["largest_side"] = manifest.input.largest_side;
  }
  json["channels"] = noise.channels;
  json["directions"] = noise.directions;
  json["clip"] = noise.clip;
  json["picture"] = std::to_string(picture.width) + "x" + std::to_string(picture.height);
  json["cells_per_picture"] = cells;
  json["alphas"] = alphas;
  json["data_digest"] = manifest.data_digest;
  json["tool_version"] = manifest.tool_version;
  json["created"] = manifest.created;
  json["files"] = manifest.files.size();
  return json;
}

Json describe(const std::filesystem::path& path, const PictureSize& picture) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    fail(ErrorCode::kNotFound, "no file or folder ", path.string());
  }
  if (std::filesystem::is_directory(path, ignored)) return describe(Release::open(path), picture);
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
  const auto flags = make_flags<InspectFlags>();
  app.add_option("PATH", flags->path,
                 "a release folder, a weight file (.safetensors, .pt) or a key");
  app.add_option("--picture", flags->picture, "count the bits of a picture of this size")
      ->type_name("WxH");
  app.add_flag("--json", flags->json, "print JSON");
  return [flags](const Session& session) {
    require(!flags->path.empty(), "name the release, weight file or key to inspect");
    const Json json =
        describe(std::filesystem::path(flags->path), PictureSize::parse(flags->picture));
    if (flags->json) {
      session.out << json.dump(2) << "\n";
    } else {
      print(json, session.out);
    }
    return 0;
  };
}

}  // namespace scrim::cli
