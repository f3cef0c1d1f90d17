// scrim evaluate: the lines of the tech report, clean or noisy, for one alpha or a table of them.
#include "commands.h"
#include "detectors.h"
#include "flags.h"

#include <nlohmann/json.hpp>

#include <cctype>
#include <iomanip>

namespace scrim::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::string model, detections;
  DatasetFlags dataset;
  KeyFlag key;
  bool noisy = false, compare = false, json = false;
  std::vector<double> alphas;
  std::optional<double> scale;
  std::optional<float> noisy_threshold;
  DetectorOptions detector;
  EvaluateOptions options;
};

// What was measured: a clean run, noisy ones, or both.
struct Runs {
  std::string dataset;  // as the report's lines name it: "Fddb"
  std::optional<Evaluation> clean;
  std::vector<Evaluation> noisy;
};

double retention(const Evaluation& clean, const Evaluation& noisy) {
  return clean.mean_average_precision > 0
             ? noisy.mean_average_precision / clean.mean_average_precision
             : 0;
}

Json to_object(const Evaluation& evaluation) { return Json::parse(to_json(evaluation)); }

// One run is one object; a clean run beside it adds "clean" and "retention"; a table is "runs".
Json to_object(const Runs& runs) {
  if (runs.noisy.empty()) return to_object(*runs.clean);
  Json noisy = Json::array();
  for (const Evaluation& run : runs.noisy) {
    Json object = to_object(run);
    if (runs.clean) object["retention"] = retention(*runs.clean, run);
    noisy.push_back(std::move(object));
  }
  Json object = noisy.size() == 1 ? noisy.front() : Json{{"runs", noisy}};
  if (runs.clean) object["clean"] = to_object(*runs.clean);
  return object;
}

void print_table(const Runs& runs, std::ostream& out) {
  out << std::left << std::setw(8) << "alpha" << std::setw(10) << "mAP" << std::setw(18) << "95 %"
      << (runs.clean ? "retention" : "") << "\n"
      << std::fixed << std::setprecision(4);
  for (const Evaluation& run : runs.noisy) {
    std::ostringstream interval;
    interval << std::fixed << std::setprecision(4) << run.interval_low << ".." << run.interval_high;
    out << std::setw(8) << std::setprecision(3) << run.alpha << std::setprecision(4)
        << std::setw(10) << run.mean_average_precision << std::setw(18) << interval.str();
    if (runs.clean) out << retention(*runs.clean, run);
    out << "\n";
  }
}

void print_lines(const Flags& flags, const Runs& runs, std::ostream& out) {
  if (runs.clean) out << report_lines(*runs.clean, runs.dataset);
  for (const Evaluation& run : runs.noisy) out << report_lines(run, runs.dataset);
  if (flags.noisy_threshold) {
    out << "score threshold: " << *flags.noisy_threshold << " noisy, " << flags.detector.threshold
        << " clean\n";
  }
  if (runs.noisy.size() > 1 || (runs.clean && !runs.noisy.empty())) print_table(runs, out);
}

std::size_t list_skipped(const Runs& runs, std::ostream& log) {
  const Evaluation& run = runs.noisy.empty() ? *runs.clean : runs.noisy.front();
  for (const std::string& reason : run.skipped) log << "skipped: " << reason << "\n";
  return run.skipped.size();
}

std::string report_name(const Dataset& dataset) {
  std::string name = dataset.layout();
  if (!name.empty())
    name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return name;
}

void check_flags(const Flags& flags) {
  for (const double alpha : flags.alphas) check_alpha(alpha);
  check_range("--min-height", flags.options.min_height, 0, 1e6);
  check_range("--iou", flags.options.iou, 0.01, 1);
  check_range("--threshold", flags.detector.threshold, 0, 1);
  if (flags.noisy_threshold) check_range("--noisy-threshold", *flags.noisy_threshold, 0, 1);
  if (flags.scale) check_range("--scale", *flags.scale, 0.1, 16);
}

Evaluation run_clean(const Flags& flags, const Release& release, const Dataset& dataset,
                     const EvaluateOptions& options) {
  return evaluate(clean_detector(release, flags.detector), dataset, options);
}

// Noisy where noise was asked for, else the clean network that the release was learned from.
void run_release(const Flags& flags, const Dataset& dataset, const EvaluateOptions& options,
                 Runs& runs) {
  const Release release = Release::open(flags.model);
  require(!flags.scale || *flags.scale == release.manifest().input.scale, "--scale is ",
          flags.scale.value_or(0), ", but this release was learned at ",
          release.manifest().input.scale);
  if (!flags.noisy && flags.alphas.empty()) {
    runs.clean = run_clean(flags, release, dataset, options);
    return;
  }
  const Key key = flags.key.load();
  DetectorOptions detector = flags.detector;
  detector.threshold = flags.noisy_threshold.value_or(detector.threshold);
  const std::vector<double> alphas =
      flags.alphas.empty() ? std::vector<double>{only_alpha(release)} : flags.alphas;
  std::vector<Detector> detectors;  // all of them first: a wrong alpha must not cost a run
  for (const double alpha : alphas) {
    detectors.push_back(noisy_detector(release, key, alpha, detector));
  }
  if (flags.compare) runs.clean = run_clean(flags, release, dataset, options);
  for (std::size_t i = 0; i < alphas.size(); ++i) {
    runs.noisy.push_back(evaluate(detectors[i], dataset, options));
    runs.noisy.back().alpha = alphas[i];
  }
}

Runs measure(const Flags& flags, const Session& session) {
  check_flags(flags);
  require(flags.model.empty() != flags.detections.empty(),
          "name a release or weights, or else --detections");
  EvaluateOptions options = flags.options;
  options.progress = session.progress;
  options.stop = session.stop;
  const Dataset dataset = flags.dataset.open();
  Runs runs{.dataset = report_name(dataset), .clean = {}, .noisy = {}};
  if (!flags.detections.empty()) {
    runs.clean = score(read_detections(flags.detections), dataset, options);
  } else if (is_release(flags.model)) {
    run_release(flags, dataset, options, runs);
  } else {
    require(!flags.noisy && flags.alphas.empty() && !flags.compare,
            "weights hold no noise; --noisy, --alpha and --compare need a release");
    DetectorOptions detector = flags.detector;
    detector.input.scale = flags.scale.value_or(detector.input.scale);
    runs.clean = evaluate(clean_detector(flags.model, detector), dataset, options);
  }
  return runs;
}

void declare_flags(CLI::App& app, Flags& flags) {
  app.add_option("RELEASE|WEIGHTS", flags.model, "a release folder, or weights for a clean run");
  flags.dataset.declare(app);
  app.add_flag("--noisy", flags.noisy, "obfuscate on the way, with the release's noise");
  declare_alphas(app, flags.alphas, "which alphas of the release; several make a table");
  flags.key.declare(app);
  app.add_flag("--compare", flags.compare, "run clean too and print what accuracy is kept");
  app.add_option("--detections", flags.detections, "score this result file; no network runs")
      ->type_name("FILE");
  app.add_option("--min-height", flags.options.min_height, "lower faces, in pixels, do not count")
      ->type_name("N");
  app.add_option("--scale", flags.scale, "enlargement of the picture [3, or the release's]")
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
  const auto flags = make_flags<Flags>();
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
