// Learning: from clean weights and a dataset to a sealed release.
#pragma once

#include <scrim/dataset.h>
#include <scrim/progress.h>
#include <scrim/release.h>

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// How the bits are spent over the directions; both are closed forms.
enum class Allocation { kFisher, kUniform };

struct LearnOptions {
  std::filesystem::path output;  // the release folder
  std::string split_point = "inception3";
  std::vector<double> alphas = {0.8};  // each in (0, 1); one tail serves all of them
  Allocation allocation = Allocation::kFisher;
  double scale = 3.0;          // enlargement of the pictures, also at inference
  int window = 512;            // pixels of a training view, a multiple of 64
  int views = 12;              // views cached per picture, refreshed while training
  int statistics_views = 128;  // views that the closed forms are computed from
  int adapt_steps = 700;       // of the clean network; 0 keeps the weights as given
  int tail_steps = 1200;       // of the tail under noise; 0 keeps the tail
  std::uint64_t seed = 1;
  bool resume = false;  // go on from the state beside `output`
  // below: affects time only
  int threads = 2;
  ProgressFn progress;
  std::stop_token stop;  // a stopped run keeps its state and can be resumed
};

struct LearnResult {
  std::filesystem::path release;
  std::filesystem::path adapted;  // the adapted clean network, safetensors
  double seconds = 0;
  std::vector<double> realised_alphas;  // on held-out pictures, in the order of alphas
};

// Learns a release from `weights` (FaceBoxes as safetensors, or TorchScript).
// Throws kInvalidArgument, kNotFound, kCorrupt; kUnavailable when stopped, state kept.
LearnResult learn(const std::filesystem::path& weights, const Dataset& train,
                  const LearnOptions& options);
// The same for a TorchScript head and tail that were cut elsewhere: the head stays as it is, the
// tail (loc and class probabilities over FaceBoxes' priors) is adapted and trained.
LearnResult learn(const std::filesystem::path& head, const std::filesystem::path& tail,
                  const Dataset& train, const LearnOptions& options);

struct TrainDetectorOptions {
  std::filesystem::path output;  // safetensors
  int steps = 3000;
  int batch = 32;
  int window = 384;  // pixels, a multiple of 64
  double rate = 2e-3;
  double zoom = 0.5;  // views are enlarged by scale x exp(U(-zoom, zoom))
  double scale = 3.0;
  std::uint64_t seed = 1;
  bool resume = false;
  int threads = 2;
  ProgressFn progress;
  std::stop_token stop;
};

// Trains FaceBoxes from random weights on one or more datasets.
void train_detector(const std::vector<Dataset>& datasets, const TrainDetectorOptions& options);

struct TrainClassifierOptions {
  std::filesystem::path output;  // safetensors
  int steps = 1000;
  int batch = 64;
  int window = 64;  // pixels, a multiple of 64
  double rate = 3e-3;
  double zoom = 0.15;  // views are enlarged by scale x exp(U(-zoom, zoom))
  double scale = 1.0;
  std::uint64_t seed = 1;
  bool resume = false;
  // below: affects time only
  int threads = 2;
  ProgressFn progress = {};
  std::stop_token stop = {};
};

// Trains the small classifier from random weights; the file keeps the names of the classes. Throws
// kInvalidArgument (a dataset without classes, an option out of range), kUnavailable when stopped.
void train_classifier(const Dataset& dataset, const TrainClassifierOptions& options);

}  // namespace scrim
