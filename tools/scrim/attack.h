// What an attacker collects to train on: pairs of a picture and what crossed the cut.
#pragma once

#include "command/command.h"

#include <scrim/audit.h>
#include <scrim/network.h>
#include <scrim/noise.h>

#include <functional>

namespace scrim::cli {

// What crosses the cut for a picture that was made the head's input.
using Crossing = std::function<Tensor(const Tensor& input)>;

Crossing clean_crossing(const Network& network);
// The noise is drawn with the key in `noise`.
Crossing noisy_crossing(const Head& head, const Noise& noise);

struct Observations {
  std::vector<Tensor> activations;
  std::vector<Image> pictures;  // enlarged, as the head received them
};

Observations observe(const std::vector<Image>& pictures, const InputRules& rules,
                     const Crossing& crossing, const std::string& stage, const Session& session);

// At most `most` pictures of a dataset, evenly spread. Those that cannot be read are left out.
std::vector<Image> some_pictures(const Dataset& dataset, std::size_t most);

// Pictures that were drawn for an attacker who has none.
std::vector<Image> drawn_pictures(int count, std::uint64_t seed);

// A key of the attacker's own: everything of the noise is known but the key in use.
Key attackers_key();

}  // namespace scrim::cli
