#include "report.h"

#include <ctime>

namespace scrim::cli {
namespace {

template <typename Run>
AccuracyRow row_of(const Run& run, double mean) {
  AccuracyRow row;
  if (run.alpha > 0) row.alpha = run.alpha;
  row.accuracy.value = mean;
  if (run.resamplings > 0) {
    row.accuracy.low = run.interval_low;
    row.accuracy.high = run.interval_high;
  }
  return row;
}

}  // namespace

AccuracyRow accuracy_row(const Evaluation& evaluation) {
  return row_of(evaluation, evaluation.mean_average_precision);
}

AccuracyRow accuracy_row(const ClassifierEvaluation& evaluation) {
  return row_of(evaluation, evaluation.mean_accuracy);
}

std::filesystem::path audit_folder(const std::filesystem::path& release) {
  const std::filesystem::path whole = std::filesystem::absolute(release / "").parent_path();
  return (whole.parent_path() / whole.stem())
             .lexically_proximate(std::filesystem::current_path()) += ".audit";
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace scrim::cli
