#include "report.h"

#include <ctime>

namespace scrim::cli {

AccuracyRow accuracy_row(const Evaluation& evaluation) {
  AccuracyRow row;
  if (evaluation.alpha > 0) row.alpha = evaluation.alpha;
  row.accuracy.value = evaluation.mean_average_precision;
  if (evaluation.resamplings > 0) {
    row.accuracy.low = evaluation.interval_low;
    row.accuracy.high = evaluation.interval_high;
  }
  return row;
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
