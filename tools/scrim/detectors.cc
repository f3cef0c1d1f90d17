#include "detectors.h"

#include "command/command.h"

namespace scrim::cli {

namespace fs = std::filesystem;

bool is_release(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) && !fs::exists(path / "head.pt", ignored);
}

Network load_network(const fs::path& weights, NetworkOptions options) {
  std::error_code ignored;
  if (!fs::is_directory(weights, ignored)) return Network::load(weights, std::move(options));
  require(!is_release(weights), weights.string(), " has no head.pt; weights are wanted here");
  return Network::load(weights / "head.pt", weights / "tail.pt", std::move(options));
}

Detector clean_detector(const fs::path& weights, DetectorOptions options) {
  return Detector(load_network(weights), std::move(options));
}

Network clean_network(const Release& release) {
  const fs::path evidence = release.folder() / "evidence";
  const fs::path weights = evidence / "adapted.safetensors";
  std::error_code ignored;
  // A TorchScript network is kept as its two halves in one.
  if (fs::exists(evidence / "adapted.pt", ignored)) {
    return Network::load(evidence / "adapted.pt", {.split_point = "head"});
  }
  if (!fs::exists(weights, ignored)) {
    fail(ErrorCode::kNotFound, release.folder().string(),
         " keeps no clean network to run; name the weights that it was learned from");
  }
  NetworkOptions options;
  options.split_point = release.manifest().split_point;
  return Network::load(weights, options);
}

Detector clean_detector(const Release& release, DetectorOptions options) {
  options.input = release.manifest().input;
  return Detector(clean_network(release), std::move(options));
}

Detector noisy_detector(const Release& release, const Key& key, const NoiseOptions& noise,
                        DetectorOptions options) {
  options.input = release.manifest().input;
  return Detector(Head::open(release), Noise(release, key, noise), Tail::open(release),
                  std::move(options));
}

namespace {

ClassifierOptions classifier_options(const Release& release) {
  return {.input = release.manifest().input, .classes = release.manifest().classes};
}

}  // namespace

bool is_classification(const Release& release) {
  return release.manifest().task == "classification";
}

Classifier clean_classifier(const Release& release) {
  return Classifier(clean_network(release), classifier_options(release));
}

Classifier clean_classifier(const Release& release, const fs::path& weights) {
  return Classifier(load_network(weights), classifier_options(release));
}

Classifier noisy_classifier(const Release& release, const Key& key, const NoiseOptions& noise) {
  return Classifier(Head::open(release), Noise(release, key, noise), Tail::open(release),
                    classifier_options(release));
}

double only_alpha(const Release& release) {
  const std::vector<double>& alphas = release.noise().alphas;
  if (alphas.size() == 1) return alphas.front();
  std::ostringstream list;
  for (const double alpha : alphas) list << " " << alpha;
  fail(ErrorCode::kInvalidArgument, "--alpha is missing; this release has", list.str());
}

}  // namespace scrim::cli
