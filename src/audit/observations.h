// What an attacker is handed of a scene: the release's own noise where it can be, drawn once.
#pragma once

#include "audit/decoder.h"

#include <scrim/release.h>

#include <cstdint>
#include <vector>

namespace scrim {

// Which of its activations a scene is observed by, under which of the decoder's conditions.
struct View {
  std::size_t condition = 0;
  bool shallow = false;
};

// Makes observations, the same ones for the same seed.
class Observations {
 public:
  Observations(const Release& release, std::uint64_t seed) : release_(release), seed_(seed) {}

  // What the condition gives of every scene, scaled for the decoder. One release is
  // drawn by Noise, with a key that follows from the seed: attackers know all but the key.
  std::vector<torch::Tensor> of(const Decoder& decoder, const std::vector<Scene>& scenes,
                                const View& view) const;

 private:
  const Release& release_;
  std::uint64_t seed_;
};

}  // namespace scrim
