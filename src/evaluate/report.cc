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
std::string full_digits(double value) {
  if (std::isnan(value)) return "no face";
  std::array<char, 512> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  std::string digits(buffer.data(), end);
  if (digits.find('.') == std::string::npos) digits += ".0";
  return digits;
}

double pictures_per_second(const Evaluation& evaluation) {
  return evaluation.seconds > 0 ? static_cast<double>(evaluation.pictures) / evaluation.seconds : 0;
}

}  // namespace

std::string report_lines(const Evaluation& evaluation, const std::string& dataset_name) {
  std::ostringstream out;
  out << "===== Results =====\n";
  for (std::size_t i = 0; i < evaluation.folds.size(); ++i) {
    out << dataset_name << "-fold-" << i + 1 << " Val AP: " << full_digits(evaluation.folds[i])
        << '\n';
  }
  const std::string mean = full_digits(evaluation.mean_average_precision);
  out << dataset_name << " Dataset Average AP: " << mean << "\n=====\nmAP: " << mean << '\n';
  out << std::fixed << std::setprecision(4);
  if (evaluation.alpha > 0) {
    out << "alpha: " << full_digits(evaluation.alpha)
        << "   bits per element: " << bits_per_element(evaluation.alpha) << '\n';
  }
  if (evaluation.resamplings > 0) {
    out << "95 %: [" << evaluation.interval_low << ", " << evaluation.interval_high << "]   ";
  }
  out << "pooled AP: " << evaluation.pooled_average_precision
      << "   max recall: " << evaluation.max_recall << '\n';
  out << "pictures: " << evaluation.pictures << "   faces: " << evaluation.faces;
  if (evaluation.seconds > 0) {
    out << std::setprecision(1) << "   pictures per second: " << pictures_per_second(evaluation);
  }
  out << '\n';
  out << "protocol: " << evaluation.protocol << '\n';
  if (!evaluation.skipped.empty()) out << "skipped: " << evaluation.skipped.size() << '\n';
  for (const std::string& picture : evaluation.skipped) out << "  " << picture << '\n';
  return out.str();
}

std::string to_json(const Evaluation& evaluation) {
  Json json;
  json["mean_average_precision"] = evaluation.mean_average_precision;
  json["folds"] = evaluation.folds;  // a NaN is written as null
  json["pooled_average_precision"] = evaluation.pooled_average_precision;
  json["interval"] = nullptr;
  if (evaluation.resamplings > 0) {
    json["interval"] = {{"low", evaluation.interval_low},
                        {"high", evaluation.interval_high},
                        {"share", 0.95},
                        {"resamplings", evaluation.resamplings}};
  }
  json["max_recall"] = evaluation.max_recall;
  json["alpha"] = nullptr;
  if (evaluation.alpha > 0) {
    json["alpha"] = evaluation.alpha;
    json["bits_per_element"] = bits_per_element(evaluation.alpha);
  }
  json["pictures"] = evaluation.pictures;
  json["faces"] = evaluation.faces;
  json["skipped"] = evaluation.skipped;
  json["seconds"] = evaluation.seconds;
  json["pictures_per_second"] = pictures_per_second(evaluation);
  json["protocol"] = evaluation.protocol;
  // File names need not be UTF-8, JSON must.
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace scrim
