// Example 1: a network, cut in two.
//
// What runs where the data is, what crosses, what runs elsewhere, and that the two halves make the
// whole. Nothing is obfuscated yet: that is example 2.
//
// usage: 01_split [WEIGHTS [PICTURE]]
#include <scrim/scrim.h>

#include <algorithm>
#include <cmath>
#include <iostream>

int main(int argc, char** argv) {
  const std::filesystem::path weights = argc > 1 ? argv[1] : "share/faceboxes.safetensors";
  const std::filesystem::path picture = argc > 2 ? argv[2] : "team.png";

  // The cut is named after the module whose output crosses it.
  const auto network = scrim::Network::load(weights, {.split_point = "inception3"});

  // A picture enlarged three times, which is how small faces are found: 1 x 3 x H x W.
  const scrim::Tensor input = scrim::to_input(scrim::read_image(picture), {.scale = 3.0});

  // The trusted side. What comes out is clean, and would show the picture to whoever has it.
  const scrim::Activation activation = network.head(input);
  std::cout << "crosses the cut:";
  for (const auto size : activation.tensor.shape) std::cout << ' ' << size;
  std::cout << " (" << input.values.size() << " numbers in, " << activation.tensor.values.size()
            << " cross)\n";

  // The other side. The same numbers come out as from the network in one piece.
  const auto in_two = network.tail(activation);
  const auto in_one = network(input);
  float difference = 0;
  for (std::size_t i = 0; i < in_one.size(); ++i) {
    for (std::size_t j = 0; j < in_one[i].values.size(); ++j) {
      difference = std::max(difference, std::abs(in_one[i].values[j] - in_two[i].values[j]));
    }
  }
  std::cout << "largest difference between two halves and the whole: " << difference << '\n';
  return difference < 1e-3F ? 0 : 1;
}
