#include <scrim/evaluate.h>

#include "base/json.h"
#include "noise/contract.h"

#include <array>
#include <charconv>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace scrim {
namespace {

// The shortest digits that read back as the same double, and always a decimal point: what the
// report's own job log shows.
std::string full_digits(double value, const char* none = "no face") {
  if (std::isnan(value)) return none;
  std::array<char, 512> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  std::string digits(buffer.data(), end);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return digits;
}

template <typename Outcome>
double pictures_per_second(const Outcome& evaluation) {
  return evaluation.seconds > 0 ? static_cast<double>(evaluation.pictures) / evaluation.seconds : 0;
}

// What report_lines calls the figures of one kind of outcome.
struct Words {
  const char* fold;     // behind "-fold-1 Val "
  const char* mean;     // of the line of the mean alone
  const char* no_fold;  // for a fold without anything to count
};

constexpr Words kDetection = {"AP", "mAP", "no face"};
constexpr Words kClassification = {"accuracy", "mean accuracy", "no picture"};

template <typename Outcome>
void write_folds(const Outcome& evaluation, double mean, const std::string& dataset_name,
                 const Words& words, std::ostream& out) {
  out << "===== Results =====\n";
  for (std::size_t i = 0; i < evaluation.folds.size(); ++i) {
    out << dataset_name << "-fold-" << i + 1 << " Val " << words.fold << ": "
        << full_digits(evaluation.folds[i], words.no_fold) << '\n';
  }
  const std::string digits = full_digits(mean, words.no_fold);
  out << dataset_name << " Dataset Average " << words.fold << ": " << digits << "\n=====\n"
      << words.mean << ": " << digits << '\n'
      << std::fixed << std::setprecision(4);
  if (evaluation.alpha > 0) {
    out << "alpha: " << full_digits(evaluation.alpha)
        << "   bits per element: " << bits_per_element(evaluation.alpha) << '\n';
  }
  if (evaluation.resamplings > 0) {
    out << "95 %: [" << evaluation.interval_low << ", " << evaluation.interval_high << "]   ";
  }
}

template <typename Outcome>
void write_rest(const Outcome& evaluation, std::ostream& out) {
  if (evaluation.seconds > 0) {
    out << std::setprecision(1) << "   pictures per second: " << pictures_per_second(evaluation);
  }
  out << '\n';
  out << "protocol: " << evaluation.protocol << '\n';
  if (!evaluation.skipped.empty()) out << "skipped: " << evaluation.skipped.size() << '\n';
  for (const std::string& picture : evaluation.skipped) out << "  " << picture << '\n';
}

template <typename Outcome>
void add_interval_and_alpha(const Outcome& evaluation, Json& json) {
  json["interval"] = nullptr;
  if (evaluation.resamplings > 0) {
    json["interval"] = {{"low", evaluation.interval_low},
                        {"high", evaluation.interval_high},
                        {"share", 0.95},
                        {"resamplings", evaluation.resamplings}};
  }
  json["alpha"] = nullptr;
  if (evaluation.alpha > 0) {
    json["alpha"] = evaluation.alpha;
    json["bits_per_element"] = bits_per_element(evaluation.alpha);
  }
}

template <typename Outcome>
std::string finished(const Outcome& evaluation, Json& json) {
  json["skipped"] = evaluation.skipped;
  json["seconds"] = evaluation.seconds;
  json["pictures_per_second"] = pictures_per_second(evaluation);
  json["protocol"] = evaluation.protocol;
  // File names need not be UTF-8, JSON must.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string report_lines(const Evaluation& evaluation, const std::string& dataset_name) {
  std::ostringstream out;
  write_folds(evaluation, evaluation.mean_average_precision, dataset_name, kDetection, out);
  out << "pooled AP: " << evaluation.pooled_average_precision
      << "   max recall: " << evaluation.max_recall << '\n'
      << "pictures: " << evaluation.pictures << "   faces: " << evaluation.faces;
  write_rest(evaluation, out);
  return out.str();
}

std::string report_lines(const ClassifierEvaluation& evaluation, const std::string& dataset_name) {
  std::ostringstream out;
  write_folds(evaluation, evaluation.mean_accuracy, dataset_name, kClassification, out);
  out << "pooled accuracy: " << evaluation.pooled_accuracy << '\n'
      << "pictures: " << evaluation.pictures << "   classes: " << evaluation.classes;
  write_rest(evaluation, out);
  return out.str();
}

std::string to_json(const Evaluation& evaluation) {
  Json json;
  json["mean_average_precision"] = evaluation.mean_average_precision;
  json["folds"] = evaluation.folds;  // a NaN is written as null
  json["pooled_average_precision"] = evaluation.pooled_average_precision;
  add_interval_and_alpha(evaluation, json);
  json["max_recall"] = evaluation.max_recall;
  json["pictures"] = evaluation.pictures;
  json["faces"] = evaluation.faces;
  return finished(evaluation, json);
}

std::string to_json(const ClassifierEvaluation& evaluation) {
  Json json;
  json["mean_accuracy"] = evaluation.mean_accuracy;
  json["folds"] = evaluation.folds;
  json["pooled_accuracy"] = evaluation.pooled_accuracy;
  add_interval_and_alpha(evaluation, json);
  json["pictures"] = evaluation.pictures;
  json["classes"] = evaluation.classes;
  return finished(evaluation, json);
}

}  // namespace scrim
