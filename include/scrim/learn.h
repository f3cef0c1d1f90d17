// Learning: from clean weights and a dataset to a sealed release.
#pragma once

#include <scrim/dataset.h>
#include <scrim/release.h>
#include <scrim/status.h>

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// What is learned of the noise. kCoded: `directions` free directions, a free decoder and the noise
// of each at every alpha, together with the tail. kLinear: the same with a rotation of white space.
// kFisher and kUniform are closed forms: bits where the task's gradient is, or the same for all.
// kMixture is the objective of the tech report, a baseline: noise of a learned mean and scale on
// every channel, traded against the task by a weight; its alpha is measured after the fact.
enum class Objective { kCoded, kLinear, kFisher, kUniform, kMixture };

// As it stands in manifests and flags: "coded", "linear", "fisher", "uniform", "mixture".
std::string objective_name(Objective objective);
// Throws kInvalidArgument naming those that there are.
Objective objective_of(const std::string& name);

struct LearnOptions {
  std::filesystem::path output;  // the release folder
  std::string split_point = {};  // empty for the network's own default, as in NetworkOptions
  // Each in (0, 1); one tail serves all of them. Ignored by kMixture.
  std::vector<double> alphas = {0.05, 0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 0.95, 0.98};
  Objective objective = Objective::kCoded;
  int directions = 32;  // that are sent, of a learned code; at most the activation's channels
  // A small network of the client's between head and code, learned with them: z + two 3x3
  // convolutions. Of kCoded and kLinear only, and an even number of channels at the split.
  bool encoder = false;
  double noise_weight = 0.5;  // of kMixture, in (0, 1)
  // Weight of the tail's agreement under noise with the clean tail, beside the task's loss; in
  // [0, 100], 0 for none.
  double distil = 0;
  // What it costs the loss if an answer tells as much beyond itself (which face, and not that it is
  // one) as alpha lets one cell pass; in [0, 100], 0 for nothing. Of kCoded and kLinear only; an
  // encoder helps much.
  double nuisance = 0;
  double clip = 8;             // standard deviations of a direction, in (0, 511]
  double scale = 3.0;          // enlargement of the pictures, also at inference
  int window = 896;            // pixels of a training view, a multiple of 64
  int views = 6;               // views cached per picture, refreshed while training
  int statistics_views = 128;  // views that the closed forms are computed from
  int adapt_steps = 600;       // of the clean network; 0 keeps the weights as given
  int tail_steps = 1000;       // of noise and tail; 0 keeps both
  int epoch_steps = 150;       // between two validations; 0 for none
  int patience = 0;            // epochs without a better score that end a stage; 0 for none
  std::uint64_t seed = 1;
  bool resume = false;  // go on from the state beside `output`
  // below: affects time only
  int threads = 2;
  std::string device = "auto";  // "cpu", "cuda"; auto takes CUDA where there is one
  ProgressFn progress;
  std::stop_token stop;  // a stopped run keeps its state and can be resumed

  // The defaults: about 15 minutes on two cores for some hundred pictures.
  static LearnOptions quick() { return {}; }
  // As many steps as help, without a limit of time.
  static LearnOptions full();

  // Throws kInvalidArgument naming the first field out of range.
  void validate() const;
};

struct LearnResult {
  std::filesystem::path release;
  std::filesystem::path adapted;  // the adapted clean network, safetensors
  double seconds = 0;
  std::vector<double> alphas;           // calibrated; of kMixture the one that was measured
  std::vector<double> realised_alphas;  // on held-out pictures, in the order of alphas
};

// Learns a release from `weights`: FaceBoxes or the classifier as safetensors, or TorchScript.
// The task is what the dataset is annotated for: faces, or classes where it has some. A classifier
// whose weights name its classes needs the dataset's in the same order.
// Throws kInvalidArgument, kNotFound, kCorrupt; kUnavailable when stopped, state kept.
LearnResult learn(const std::filesystem::path& weights, const Dataset& train,
                  const LearnOptions& options);
// The same for a TorchScript head and tail that were cut elsewhere: the head stays as it is, the
// tail (loc and class probabilities over FaceBoxes' priors) is adapted and trained.
LearnResult learn(const std::filesystem::path& head, const std::filesystem::path& tail,
                  const Dataset& train, const LearnOptions& options);

// Training a network from random weights.
struct TrainOptions {
  std::filesystem::path output;  // safetensors
  int steps = 3000;
  int batch = 32;    // views a step, at least 2
  int window = 384;  // pixels of a view each way, a multiple of 64
  double rate = 2e-3;
  double zoom = 0.5;   // views are enlarged by scale x exp(U(-zoom, zoom))
  double scale = 3.0;  // enlargement of the pictures, also at inference
  std::uint64_t seed = 1;
  bool resume = false;  // go on from the state beside `output`
  // below: affects time only
  int threads = 2;
  ProgressFn progress = {};
  std::stop_token stop = {};

  static TrainOptions detector() { return {}; }
  static TrainOptions classifier();

  // Throws kInvalidArgument naming the first field out of range.
  void validate() const;
};

// Trains FaceBoxes on one or more datasets, or the small classifier, whose file keeps the names of
// the classes. Throw kInvalidArgument (no dataset, one without classes, an option out of range),
// kUnavailable when stopped, state kept.
void train_detector(const std::vector<Dataset>& datasets, const TrainOptions& options);
void train_classifier(const Dataset& dataset, const TrainOptions& options);

}  // namespace scrim
