// scrim evaluate: the lines of the tech report, clean or noisy, for one alpha or a table of them.
#include "commands.h"
#include "detectors.h"
#include "flags.h"
#include "obfuscation.h"

#include <nlohmann/json.hpp>

#include <cctype>
#include <functional>
#include <iomanip>

namespace scrim::cli {
namespace {

using Json = nlohmann::ordered_json;

struct EvaluateFlags {
  std::string model, detections, wire = "fp32";
  DatasetFlags dataset;
  KeyFlag key;
  bool noisy = false, compare = false, json = false;
  std::vector<double> alphas;
  std::optional<double> scale;
  std::optional<float> noisy_threshold;
  DetectorOptions detector;
  EvaluateOptions options;
};

// One run as it is printed, whatever the task.
struct Outcome {
  double score = 0;  // mean average precision or mean accuracy
  double alpha = 0, interval_low = 0, interval_high = 0;
  std::string lines;
  Json object;
  std::vector<std::string> skipped;
};

// What was measured: a clean run, noisy ones, or both.
struct Runs {
  std::string dataset;        // as the report's lines name it: "Fddb"
  std::string score = "mAP";  // the heading of its column
  std::optional<Outcome> clean;
  std::vector<Outcome> noisy;
};

double score_of(const Evaluation& evaluation) { return evaluation.mean_average_precision; }
double score_of(const ClassifierEvaluation& evaluation) { return evaluation.mean_accuracy; }

// `alpha` as it was asked for: 0 for a clean run.
template <typename Measured>
Outcome outcome_of(Measured measured, double alpha, const std::string& dataset) {
  measured.alpha = alpha;
  return {.score = score_of(measured),
          .alpha = alpha,
          .interval_low = measured.interval_low,
          .interval_high = measured.interval_high,
          .lines = report_lines(measured, dataset),
          .object = Json::parse(to_json(measured)),
          .skipped = measured.skipped};
}

double retention(const Outcome& clean, const Outcome& noisy) {
  return clean.score > 0 ? noisy.score / clean.score : 0;
}

// One run is one object; a clean run beside it adds "clean" and "retention"; a table is "runs".
Json to_object(const Runs& runs) {
  if (runs.noisy.empty()) return runs.clean->object;
  Json noisy = Json::array();
  for (const Outcome& run : runs.noisy) {
    Json object = run.object;
    if (runs.clean) object["retention"] = retention(*runs.clean, run);
    noisy.push_back(std::move(object));
  }
  Json object = noisy.size() == 1 ? noisy.front() : Json{{"runs", noisy}};
  if (runs.clean) object["clean"] = runs.clean->object;
  return object;
}

void print_table(const Runs& runs, std::ostream& out) {
  out << std::left << std::setw(8) << "alpha" << std::setw(10) << runs.score << std::setw(18)
      << "95 %" << (runs.clean ? "retention" : "") << "\n"
      << std::fixed << std::setprecision(4);
  for (const Outcome& run : runs.noisy) {
    std::ostringstream interval;
    interval << std::fixed << std::setprecision(4) << run.interval_low << ".." << run.interval_high;
    out << std::setw(8) << std::setprecision(3) << run.alpha << std::setprecision(4)
        << std::setw(10) << run.score << std::setw(18) << interval.str();
    if (runs.clean) out << retention(*runs.clean, run);
    out << "\n";
  }
}

void print_lines(const EvaluateFlags& flags, const Runs& runs, std::ostream& out) {
  if (runs.clean) out << runs.clean->lines;
  for (const Outcome& run : runs.noisy) out << run.lines;
  if (flags.noisy_threshold) {
    out << "score threshold: " << *flags.noisy_threshold << " noisy, " << flags.detector.threshold
        << " clean\n";
  }
  if (runs.noisy.size() > 1 || (runs.clean && !runs.noisy.empty())) print_table(runs, out);
}

std::size_t list_skipped(const Runs& runs, std::ostream& log) {
  const Outcome& run = runs.noisy.empty() ? *runs.clean : runs.noisy.front();
  for (const std::string& reason : run.skipped) log << "skipped: " << reason << "\n";
  return run.skipped.size();
}

std::string report_name(const Dataset& dataset) {
  std::string name = dataset.layout();
  if (!name.empty())
    name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return name;
}

void check_flags(const EvaluateFlags& flags) {
  for (const double alpha : flags.alphas) check_alpha(alpha);
  check_range("--min-height", flags.options.min_height, 0, 1e6);
  check_range("--iou", flags.options.iou, 0.01, 1);
  require(wire_type(flags.wire) == WireType::kFp32 || flags.noisy || !flags.alphas.empty(),
          "--wire is of noisy runs; it needs --noisy");
  check_range("--threshold", flags.detector.threshold, 0, 1);
  if (flags.noisy_threshold) check_range("--noisy-threshold", *flags.noisy_threshold, 0, 1);
  if (flags.scale) check_range("--scale", *flags.scale, 0.1, 16);
}

// One model of either kind, to be run on the dataset: clean, or noisy at one alpha.
using Measure = std::function<Outcome()>;

template <typename Model>
Measure measure_with(Model model, double alpha, const Dataset& dataset, const Runs& runs,
                     const EvaluateOptions& options) {
  return [model = std::move(model), alpha, &dataset, &runs, &options] {
    return outcome_of(evaluate(model, dataset, options), alpha, runs.dataset);
  };
}

Measure clean_measure(const EvaluateFlags& flags, const Release& release, const Dataset& dataset,
                      const Runs& runs, const EvaluateOptions& options) {
  return is_classification(release)
             ? measure_with(clean_classifier(release), 0, dataset, runs, options)
             : measure_with(clean_detector(release, flags.detector), 0, dataset, runs, options);
}

Measure noisy_measure(const EvaluateFlags& flags, const Release& release, const Key& key,
                      double alpha, const Dataset& dataset, const Runs& runs,
                      const EvaluateOptions& options) {
  const NoiseOptions noise{.alpha = alpha, .wire = wire_type(flags.wire)};
  if (is_classification(release)) {
    return measure_with(noisy_classifier(release, key, noise), alpha, dataset, runs, options);
  }
  DetectorOptions detector = flags.detector;
  detector.threshold = flags.noisy_threshold.value_or(detector.threshold);
  return measure_with(noisy_detector(release, key, noise, detector), alpha, dataset, runs, options);
}

// Noisy where noise was asked for, else the clean network that the release was learned from.
void run_release(const EvaluateFlags& flags, const Dataset& dataset, const EvaluateOptions& options,
                 Runs& runs) {
  const Release release = Release::open(flags.model);
  require(!flags.scale || *flags.scale == release.manifest().input.scale, "--scale is ",
          flags.scale.value_or(0), ", but this release was learned at ",
          release.manifest().input.scale);
  if (is_classification(release)) runs.score = "accuracy";
  if (!flags.noisy && flags.alphas.empty()) {
    runs.clean = clean_measure(flags, release, dataset, runs, options)();
    return;
  }
  const Key key = flags.key.load();
  const std::vector<double> alphas =
      flags.alphas.empty() ? std::vector<double>{only_alpha(release)} : flags.alphas;
  std::vector<Measure> measures;  // all of them first: a wrong alpha must not cost a run
  for (const double alpha : alphas) {
    measures.push_back(noisy_measure(flags, release, key, alpha, dataset, runs, options));
  }
  if (flags.compare) runs.clean = clean_measure(flags, release, dataset, runs, options)();
  for (const Measure& measure : measures) runs.noisy.push_back(measure());
}

// Weights say nothing of their task; the dataset does.
Outcome run_weights(const EvaluateFlags& flags, const Dataset& dataset,
                    const EvaluateOptions& options, Runs& runs) {
  if (dataset.classes().empty()) {
    DetectorOptions detector = flags.detector;
    detector.input.scale = flags.scale.value_or(detector.input.scale);
    return measure_with(clean_detector(flags.model, detector), 0, dataset, runs, options)();
  }
  runs.score = "accuracy";
  ClassifierOptions classifier;
  classifier.input.scale = flags.scale.value_or(classifier.input.scale);
  return measure_with(Classifier(load_network(flags.model), classifier), 0, dataset, runs,
                      options)();
}

Runs measure(const EvaluateFlags& flags, const Session& session) {
  check_flags(flags);
  require(flags.model.empty() != flags.detections.empty(),
          "name a release or weights, or else --detections");
  EvaluateOptions options = flags.options;
  options.progress = session.progress;
  options.stop = session.stop;
  const Dataset dataset = flags.dataset.open();
  Runs runs{.dataset = report_name(dataset), .clean = {}, .noisy = {}};
  if (!flags.detections.empty()) {
    runs.clean =
        outcome_of(score(read_detections(flags.detections), dataset, options), 0, runs.dataset);
  } else if (is_release(flags.model)) {
    run_release(flags, dataset, options, runs);
  } else {
    require(!flags.noisy && flags.alphas.empty() && !flags.compare,
            "weights hold no noise; --noisy, --alpha and --compare need a release");
    runs.clean = run_weights(flags, dataset, options, runs);
  }
  return runs;
}

void declare_flags(CLI::App& app, EvaluateFlags& flags) {
  app.add_option("RELEASE|WEIGHTS", flags.model, "a release folder, or weights for a clean run");
  flags.dataset.declare(app);
  app.add_flag("--noisy", flags.noisy, "obfuscate on the way, with the release's noise");
  declare_alphas(app, flags.alphas, "which alphas of the release; several make a table");
  flags.key.declare(app);
  app.add_option("--wire", flags.wire, "noisy activations travel as fp32, fp16 or int8")
      ->type_name("TYPE");
  app.add_flag("--compare", flags.compare, "run clean too and print what accuracy is kept");
  app.add_option("--detections", flags.detections, "score this result file; no network runs")
      ->type_name("FILE");
  app.add_option("--min-height", flags.options.min_height, "lower faces, in pixels, do not count")
      ->type_name("N");
  app.add_option("--scale", flags.scale, "enlargement [3; classes 1; or the release's]")
      ->type_name("X");
  app.add_option("--iou", flags.options.iou, "overlap that counts as found")->type_name("X");
  app.add_option("--threshold", flags.detector.threshold, "drop boxes of this score or less")
      ->type_name("X");
  app.add_option("--noisy-threshold", flags.noisy_threshold,
                 "the same for noisy runs [--threshold]")
      ->type_name("X");
  app.add_flag("--strict", flags.options.strict, "end at the first picture that cannot be read");
  app.add_flag("--json", flags.json, "print JSON");
}

}  // namespace

Action declare_evaluate(CLI::App& app) {
  const auto flags = make_flags<EvaluateFlags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) {
    const Runs runs = measure(*flags, session);
    if (flags->json) {
      session.out << to_object(runs).dump(2) << "\n";
    } else {
      print_lines(*flags, runs, session.out);
    }
    return list_skipped(runs, session.log) > 0 ? kSomeFailed : 0;
  };
}

}  // namespace scrim::cli
