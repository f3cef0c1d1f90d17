#include "accuracy.h"

#include "detectors.h"
#include "files.h"
#include "report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;
using SortedJson = nlohmann::json;

constexpr const char* kEvaluation = "evaluation.json";

// One run of `scrim evaluate --json`.
AccuracyRow row_of(const SortedJson& run) {
  AccuracyRow row;
  const char* name = run.contains("mean_accuracy") ? "mean_accuracy" : "mean_average_precision";
  row.accuracy.value = run.at(name).get<double>();
  if (const SortedJson& interval = run.at("interval"); interval.is_object()) {
    row.accuracy.low = interval.at("low").get<double>();
    row.accuracy.high = interval.at("high").get<double>();
  }
  if (const SortedJson& alpha = run.at("alpha"); alpha.is_number()) row.alpha = alpha.get<double>();
  return row;
}

// Evidence is free text: what cannot be understood is measured instead.
bool add_stored(const Release& release, const AccuracyOptions& options, ReportContents& report) {
  std::ifstream file(release.folder() / "evidence" / kEvaluation);
  const SortedJson json = SortedJson::parse(file, nullptr, false);
  if (!json.is_object() || !json.contains("clean")) return false;
  try {
    const SortedJson runs = json.contains("runs") ? json.at("runs") : SortedJson::array({json});
    std::vector<AccuracyRow> rows = {row_of(json.at("clean"))};
    for (const double alpha : options.alphas) {
      const auto found = std::find_if(runs.begin(), runs.end(), [alpha](const SortedJson& run) {
        return std::abs(run.at("alpha").get<double>() - alpha) < 1e-9;
      });
      if (found == runs.end()) return false;
      rows.push_back(row_of(*found));
      rows.back().alpha = alpha;
    }
    report.accuracy = std::move(rows);
    report.accuracy_protocol = runs.at(0).value("protocol", "");
    report.accuracy_pictures = runs.at(0).value("pictures", std::int64_t{0});
    report.accuracy_source = std::string("evidence/") + kEvaluation + " of the release";
    return true;
  } catch (const SortedJson::exception&) {
    return false;
  }
}

// At most that many of the dataset's samples, evenly spread.
Dataset some_of(const Dataset& dataset, std::size_t most) {
  const std::vector<Sample>& samples = dataset.samples();
  if (most == 0 || samples.size() <= most) return dataset;
  const ScratchFolder scratch;
  std::string names;
  for (std::size_t i = 0; i < most; ++i) names += samples[i * samples.size() / most].name + "\n";
  write_text(scratch.path() / "names.txt", names);
  return Dataset::open(dataset.folder(),
                       {.layout = dataset.layout(), .list = scratch.path() / "names.txt"});
}

// The figures are of a key of their own: any key gives noise of the same distribution.
Key key_of(std::uint64_t seed) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>((seed >> (8 * (i % 8))) + 31 * i + 1);
  }
  return Key::from_bytes(bytes);
}

template <typename Evaluation>
void add_run(const Evaluation& run, ReportContents& report) {
  report.accuracy.push_back(accuracy_row(run));
  report.accuracy_protocol = run.protocol;
  report.accuracy_pictures = run.pictures;
}

bool has_clean_network(const Release& release) {
  std::error_code ignored;
  return fs::exists(release.folder() / "evidence" / "adapted.safetensors", ignored);
}

void measure(const Release& release, const Dataset& dataset, const AccuracyOptions& options,
             const Session& session, ReportContents& report) {
  const EvaluateOptions evaluation{.progress = session.progress, .stop = session.stop};
  const Key key = key_of(options.seed);
  const bool classes = is_classification(release);
  if (has_clean_network(release)) {
    if (classes) {
      add_run(evaluate(clean_classifier(release), dataset, evaluation), report);
    } else {
      add_run(evaluate(clean_detector(release), dataset, evaluation), report);
    }
  }
  if (!options.untouched.empty()) {
    const auto run = [&](const auto& network) {
      return accuracy_row(evaluate(network, dataset, evaluation)).accuracy;
    };
    report.untouched =
        classes ? run(clean_classifier(release, options.untouched))
                : run(clean_detector(options.untouched, {.input = release.manifest().input}));
  }
  for (const double alpha : options.alphas) {
    if (classes) {
      add_run(evaluate(noisy_classifier(release, key, {.alpha = alpha}), dataset, evaluation),
              report);
    } else {
      add_run(evaluate(noisy_detector(release, key, {.alpha = alpha}), dataset, evaluation),
              report);
    }
  }
  report.accuracy_source = "measured by this audit";
}

}  // namespace

void add_accuracy(const Release& release, const Dataset& dataset, const AccuracyOptions& options,
                  const Session& session, ReportContents& report) {
  report.accuracy_name = is_classification(release) ? "accuracy" : "average precision";
  if (options.untouched.empty() && add_stored(release, options, report)) return;
  measure(release, some_of(dataset, options.pictures), options, session, report);
}

}  // namespace scrim::cli
