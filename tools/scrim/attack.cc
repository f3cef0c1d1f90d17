#include "attack.h"

#include "files.h"

#include <random>

namespace scrim::cli {

Crossing clean_crossing(const Network& network) {
  return [network](const Tensor& input) { return network.head(input).tensor; };
}

Crossing noisy_crossing(const Head& head, const Noise& noise) {
  return [head, noise](const Tensor& input) { return noise(head(input)).tensor(); };
}

Observations observe(const std::vector<Image>& pictures, const InputRules& rules,
                     const Crossing& crossing, const std::string& stage, const Session& session) {
  Observations seen;
  for (const Image& picture : pictures) {
    if (session.stop.stop_requested()) fail(ErrorCode::kUnavailable, "stopped");
    seen.activations.push_back(crossing(to_input(picture, rules)));
    seen.pictures.push_back(enlarge(picture, rules.scale));
    session.progress({.stage = stage,
                      .done = static_cast<std::int64_t>(seen.pictures.size()),
                      .total = static_cast<std::int64_t>(pictures.size()),
                      .note = {}});
  }
  return seen;
}

std::vector<Image> some_pictures(const Dataset& dataset, std::size_t most) {
  const std::vector<Sample>& samples = dataset.samples();
  const std::size_t step = std::max<std::size_t>(1, samples.size() / most);
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < samples.size() && pictures.size() < most; i += step) {
    try {
      pictures.push_back(read_image(samples[i].path));
    } catch (const Error&) {
      continue;  // an attacker makes do with what there is
    }
  }
  require(!pictures.empty(), "no picture of ", dataset.folder().string(), " could be read");
  return pictures;
}

std::vector<Image> drawn_pictures(int count, std::uint64_t seed) {
  const ScratchFolder scratch;
  generate_faces(scratch.path() / "drawn", {.pictures = count, .seed = seed});
  return some_pictures(Dataset::open(scratch.path() / "drawn"), static_cast<std::size_t>(count));
}

Key attackers_key() {
  std::random_device system;
  std::array<std::uint8_t, Key::kBytes> bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(system() & 0xFF);
  return Key::from_bytes(bytes);
}

}  // namespace scrim::cli
