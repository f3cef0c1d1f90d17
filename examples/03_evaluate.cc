// Example 3: what the noise costs.
//
// The same dataset through the adapted network without noise would be the fair reference; here the
// release is measured against the network that it was learned from.
//
// usage: 03_evaluate [WEIGHTS [RELEASE [KEY [DATASET]]]]
#include <scrim/scrim.h>

#include <iostream>

int main(int argc, char** argv) {
  const std::filesystem::path weights = argc > 1 ? argv[1] : "share/faceboxes.safetensors";
  const auto release = scrim::Release::open(argc > 2 ? argv[2] : "faces.scrim");
  const auto key = scrim::Key::load(argc > 3 ? argv[3] : "key");
  const auto faces = scrim::Dataset::open(argc > 4 ? argv[4] : "drawn");

  // A detector is the whole way of a picture: input rules, network, boxes.
  const scrim::DetectorOptions options{.input = release.manifest().input};
  const scrim::Detector clean(scrim::Network::load(weights), options);
  const scrim::Detector noisy(scrim::Head::open(release),
                              scrim::Noise(release, key, {.alpha = release.manifest().alphas[0]}),
                              scrim::Tail::open(release), options);

  // The same threshold for both: a lower one for the noisy run would flatter it.
  const auto without = scrim::evaluate(clean, faces);
  const auto with = scrim::evaluate(noisy, faces);

  std::cout << "clean\n" << scrim::report_lines(without, "Drawn");
  std::cout << "noisy, alpha " << with.alpha << '\n' << scrim::report_lines(with, "Drawn");
  std::cout << "interval of the noisy mean: [" << with.interval_low << ", " << with.interval_high
            << "]\n";
}
