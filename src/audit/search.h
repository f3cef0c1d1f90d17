// The attacker that changes a picture until the head makes of it what was received (A4).
#pragma once

#include "audit/decoder.h"

#include <scrim/release.h>
#include <scrim/status.h>

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// The clean activation of pictures as a decoder rebuilds them: B x 3 x h block x w block in its
// units to B x channels x h x w. Gradients flow to the pictures.
using ActivationOf = std::function<torch::Tensor(const torch::Tensor& units)>;

// The head of a release. Throws as Head::open does.
ActivationOf activation_of_release(const Release& release);
// What SceneMaker's shallow cut gives: pool2 of FaceBoxes' weights; without weights (empty) the
// picture itself.
ActivationOf shallow_activation(const std::filesystem::path& weights, const InputRules& rules);

struct SearchOptions {
  int steps = 50;
  double rate = 0.05;  // of Adam, in units of 64 grey levels
  // Mean absolute difference of neighbouring pixels, in units: how rough pictures are known to be.
  double roughness = 0.1;
  std::stop_token stop = {};
};

// The pictures of largest posterior density near the decoder's estimate, B x 3 x h block x w block:
// Gaussian noise of the condition's variance, neighbouring pixels of a Laplace distribution (total
// variation, Rudin, Osher and Fatemi, 1992), the pixels of a cell together counted as one, because
// they are far from independent. `observed` is one condition's, as Decoder::observe
// gives it. Throws kUnavailable when stopped.
torch::Tensor search_pictures(Decoder& decoder, const ActivationOf& activation_of,
                              const torch::Tensor& observed, std::size_t condition,
                              const SearchOptions& options);

// Over all of them.
double roughness_of(const std::vector<Image>& pictures);

}  // namespace scrim
