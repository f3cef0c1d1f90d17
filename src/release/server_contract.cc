#include "release/server_contract.h"

#include "base/json.h"

namespace scrim {

std::string format_contract(const Manifest& manifest, const NoiseParameters& noise) {
  constexpr int kAny = -1;  // KServe v2: a size that each request chooses
  Json json;
  json["format"] = "scrim-contract";
  json["format_version"] = 1;
  json["model"] = manifest.model;
  json["split_point"] = manifest.split_point;
  json["datatype"] = "FP32";
  json["shape"] = {kAny, noise.directions, kAny, kAny};
  json["stride"] = manifest.stride;
  json["channels"] = noise.channels;
  json["directions"] = noise.directions;
  json["clip"] = noise.clip;
  json["alphas"] = Json::array();
  for (std::size_t a = 0; a < noise.alphas.size(); ++a) {
    json["alphas"].push_back(
        {{"alpha", noise.alphas[a]}, {"scale", noise.scale[a]}, {"sigma", noise.sigma[a]}});
  }
  return json.dump(2) + "\n";
}

}  // namespace scrim
