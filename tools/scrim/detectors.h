// Detectors and classifiers from what a user names: weights, a pair, or a release.
#pragma once

#include <scrim/evaluate.h>

#include <filesystem>

namespace scrim::cli {

// Whether the path is a folder with a manifest: a release, and not a pair of head.pt and tail.pt.
bool is_release(const std::filesystem::path& path);

// A .safetensors or .pt file, or a folder with head.pt and tail.pt. Throws as Network::load.
Network load_network(const std::filesystem::path& weights, NetworkOptions options = {});

Detector clean_detector(const std::filesystem::path& weights, DetectorOptions options = {});

// The clean network that a release was learned from, as it was adapted to the pictures: the honest
// reference. The release's own input rules replace those of `options`. Throws kNotFound if the
// release keeps none.
Network clean_network(const Release& release);
Detector clean_detector(const Release& release, DetectorOptions options = {});

// The release's own input rules replace those of `options`.
Detector noisy_detector(const Release& release, const Key& key, const NoiseOptions& noise,
                        DetectorOptions options = {});

// The same for classifiers; whether a release answers with classes and not with boxes.
bool is_classification(const Release& release);
Classifier clean_classifier(const Release& release);
Classifier clean_classifier(const Release& release, const std::filesystem::path& weights);
Classifier noisy_classifier(const Release& release, const Key& key, const NoiseOptions& noise);

// The release's alpha if it has one alone. Throws kInvalidArgument that lists them otherwise.
double only_alpha(const Release& release);

}  // namespace scrim::cli
