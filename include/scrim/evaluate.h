// Accuracy per fold, with and without obfuscation, and speed against named peers.
#pragma once

#include <scrim/dataset.h>
#include <scrim/network.h>
#include <scrim/noise.h>
#include <scrim/status.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// The published test settings of FaceBoxes.
struct DetectorOptions {
  InputRules input = {};
  float threshold = 0.05F;  // scores at or under it are dropped
  int keep_before_nms = 5000;
  float nms_iou = 0.3F;
  int keep_after_nms = 750;

  // Throws kInvalidArgument naming the first field out of range.
  void validate() const;
};

struct EvaluateOptions;
struct Evaluation;

// The other side of the cut: a Tail, or a call that asks a server for what its tail says.
using TailFn = std::function<std::vector<Tensor>(const NoisyActivation& noisy_activation)>;

// A picture in, faces out: clean, or obfuscated on the way. Threads may share one.
class Detector {
 public:
  explicit Detector(Network network, DetectorOptions options = {});
  Detector(Head head, Noise noise, TailFn tail, DetectorOptions options = {});

  // Boxes in pixels of the picture, best score first. Throws kInvalidArgument (a side too long once
  // enlarged, outputs that are not finite), kUnsupported (outputs that are not FaceBoxes' two).
  std::vector<Detection> operator()(const Image& image) const;
  // The last step alone, on what crossed the cut: `input` is the shape of the head's input. Throws
  // kInvalidArgument for a clean detector.
  std::vector<Detection> operator()(const NoisyActivation& noisy_activation,
                                    const Shape& input) const;
  // What a tail's outputs say, wherever it ran.
  std::vector<Detection> faces_in(const std::vector<Tensor>& outputs, const Shape& input) const;
  const DetectorOptions& options() const { return options_; }
  bool is_noisy() const { return noise_.has_value(); }
  double alpha() const { return noise_ ? noise_->alpha() : 0; }  // 0 for a clean one

 private:
  // Its halves: what fails before the network is the picture's fault, and later is not.
  friend Evaluation evaluate(const Detector&, const Dataset&, const EvaluateOptions&);
  Tensor prepare(const Image& image) const;
  std::vector<Detection> run(const Tensor& input) const;

  std::optional<Network> network_;
  std::optional<Head> head_;
  std::optional<Noise> noise_;
  TailFn tail_;
  DetectorOptions options_;
};

struct ClassifierOptions {
  InputRules input = {.scale = 1};
  std::vector<std::string> classes = {};  // names, in the order of the outputs; may be empty

  // Throws kInvalidArgument naming the first field out of range.
  void validate() const;
};

struct ClassifierEvaluation;

// A picture in, the probability of each class out: clean, or obfuscated on the way. Threads may
// share one.
class Classifier {
 public:
  // Without options.classes, the names that the network's weights hold.
  explicit Classifier(Network network, ClassifierOptions options = {});
  Classifier(Head head, Noise noise, TailFn tail, ClassifierOptions options = {});

  // The softmax of the network's logits. Throws kInvalidArgument (a side too long once enlarged),
  // kUnsupported (outputs that are not one row of logits, or not as many as there are names).
  std::vector<double> operator()(const Image& image) const;
  // The last step alone, on what crossed the cut. Throws kInvalidArgument for a clean classifier.
  std::vector<double> operator()(const NoisyActivation& noisy_activation) const;
  // What a tail's outputs say, wherever it ran.
  std::vector<double> probabilities_in(const std::vector<Tensor>& outputs) const;
  const ClassifierOptions& options() const { return options_; }
  bool is_noisy() const { return noise_.has_value(); }
  double alpha() const { return noise_ ? noise_->alpha() : 0; }  // 0 for a clean one

 private:
  friend ClassifierEvaluation evaluate(const Classifier&, const Dataset&, const EvaluateOptions&);
  Tensor prepare(const Image& image) const;
  std::vector<double> run(const Tensor& input) const;

  std::optional<Network> network_;
  std::optional<Head> head_;
  std::optional<Noise> noise_;
  TailFn tail_;
  ClassifierOptions options_;
};

struct EvaluateOptions {
  double iou = 0.5;        // in (0, 1]
  double min_height = 0;   // faces lower than this, in pixels, neither help nor hurt
  bool strict = false;     // a picture that cannot be read ends the run
  int bootstrap = 1000;    // resamplings of the pictures for the interval; 0 for none
  std::uint64_t seed = 1;  // of the resampling
  // below: affects time only
  int workers = 0;  // pictures at once, each on one thread; 0 for one a core
  ProgressFn progress = {};
  std::stop_token stop = {};

  // Throws kInvalidArgument naming the first field out of range.
  void validate() const;
};

// The outcome of one run over one dataset.
struct Evaluation {
  std::string protocol;  // what was counted, in words
  // Average precision per fold, in fold order; NaN for a fold in which no face counts.
  std::vector<double> folds;
  double mean_average_precision = 0;  // mean of the folds that have faces
  double pooled_average_precision = 0;
  double interval_low = 0, interval_high = 0;  // 95 %, bootstrap over pictures, of the mean
  int resamplings = 0;                         // behind the interval; 0 if there is none
  double max_recall = 0;
  std::int64_t pictures = 0;         // that were scored: read, or named in the dataset
  std::int64_t faces = 0;            // that count
  std::vector<std::string> skipped;  // pictures that could not be read, with the reason
  double seconds = 0;                // wall time, decoding included; 0 if no network ran
  double alpha = 0;                  // 0 for a clean run
};

// Runs the detector over every picture and scores it. Decoding, network and scoring overlap. A
// picture that cannot be read is skipped with its faces and named, unless options.strict.
// Throws kInvalidArgument (no face to score), kNotFound (no picture could be read), kUnavailable
// (stopped), and whatever the network throws.
Evaluation evaluate(const Detector& detector, const Dataset& dataset,
                    const EvaluateOptions& options = {});

// The same of a classifier.
struct ClassifierEvaluation {
  std::string protocol;       // what was counted, in words
  std::vector<double> folds;  // accuracy per fold; NaN for a fold without pictures
  double mean_accuracy = 0;   // mean of the folds that have pictures
  double pooled_accuracy = 0;
  double interval_low = 0, interval_high = 0;  // 95 %, bootstrap over pictures, of the mean
  int resamplings = 0;                         // behind the interval; 0 if there is none
  std::int64_t pictures = 0;                   // that were read and scored
  std::int64_t classes = 0;
  std::vector<std::string> skipped;  // pictures that could not be read, with the reason
  double seconds = 0;                // wall time, decoding included
  double alpha = 0;                  // 0 for a clean run
};

// Runs the classifier over every picture of a dataset with classes; iou and min_height play no
// part. Classes go by name where both sides have names, else by number. Throws as for detectors,
// and kInvalidArgument where a class of the dataset is none of the classifier's.
ClassifierEvaluation evaluate(const Classifier& classifier, const Dataset& dataset,
                              const EvaluateOptions& options = {});

// Scores detections that somebody else made: name -> boxes. A picture of the dataset that they do
// not name counts as one without detections, unless options.strict: then it throws kNotFound.
// Throws kInvalidArgument if no name fits or no face counts.
using DetectionsByName = std::map<std::string, std::vector<Detection>>;
Evaluation score(const DetectionsByName& detections, const Dataset& dataset,
                 const EvaluateOptions& options = {});
// Reads FDDB's result format: name, count, then `x y w h score` a line.
// Throws kNotFound, kCorrupt with file and line.
DetectionsByName read_detections(const std::filesystem::path& path);

// The lines of the tech report's job log, then alpha, interval and pictures per second:
// "Fddb-fold-1 Val AP: 0.9491...", "Fddb Dataset Average AP: ...", "mAP: ...". Average precisions
// have every digit that tells them from the next double.
std::string report_lines(const Evaluation& evaluation, const std::string& dataset_name);
std::string to_json(const Evaluation& evaluation);
// The same lines with "accuracy" for "AP", and "mean accuracy: ..." for "mAP: ...".
std::string report_lines(const ClassifierEvaluation& evaluation, const std::string& dataset_name);
std::string to_json(const ClassifierEvaluation& evaluation);

// One benchmark figure: ours, the peer's in the same run, the physical limit where one is known.
struct BenchRow {
  std::string name;
  std::string peer;
  double milliseconds = 0;
  double peer_milliseconds = 0;
  double limit_milliseconds = 0;  // 0 where none is given
};

// Times noise, head and tail against libtorch eager, correctness checked first. Medians.
// `weights` may be empty: then only the noise is timed.
struct Bench {
  std::vector<BenchRow> rows;
  double speedup_over_libtorch = 0;  // of the noise, 1920x1080x3, one core
};
Bench bench(const std::filesystem::path& weights, const ProgressFn& progress = {});
std::string to_json(const Bench& bench);

}  // namespace scrim
