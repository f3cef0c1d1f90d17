// Example 2: the one added line.
//
// Between head and tail goes a Noise: the release says how much, the key decides the draw.
//
// usage: 02_noise [RELEASE [KEY [PICTURE]]]
#include <scrim/scrim.h>

#include <iostream>

int main(int argc, char** argv) {
  const auto release = scrim::Release::open(argc > 1 ? argv[1] : "faces.scrim");
  const auto key = scrim::Key::load(argc > 2 ? argv[2] : "key");
  const auto image = scrim::read_image(argc > 3 ? argv[3] : "team.png");

  const auto head = scrim::Head::open(release);
  const auto tail = scrim::Tail::open(release);
  const scrim::Noise noise(release, key, {.alpha = 0.8});

  const auto activation = head(scrim::to_input(image, release.manifest().input));
  const auto noisy_activation = noise(activation);  // the one added line
  // A tail takes this type only: handing it the clean activation does not compile.
  const auto outputs = tail(noisy_activation);

  std::cout << outputs.size() << " outputs; at most " << noise.bits_per_element()
            << " bits per element crossed the cut\n";

  // Sticky: asking again draws the same noise, so an average over many answers tells nothing new.
  const bool sticky = noise(activation).tensor().values == noisy_activation.tensor().values;
  std::cout << "the same noise when asked again: " << (sticky ? "yes" : "no") << '\n';

  // Fails closed: a value of alpha that this release was not learned for draws nothing.
  try {
    const scrim::Noise other(release, key, {.alpha = 0.123});
    std::cout << "an uncalibrated alpha was accepted\n";
    return 1;
  } catch (const scrim::Error& error) {
    std::cout << "refused: " << error.what() << '\n';
  }
  return sticky ? 0 : 1;
}
