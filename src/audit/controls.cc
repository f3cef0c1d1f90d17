#include "audit/controls.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace scrim {
namespace {

constexpr double kRecogniserRank1 = 0.95;
constexpr double kShallowRank1 = 0.90;   // of the best attacker; the study reached .94 to 1.0
constexpr double kShallowAuc = 0.75;     // of each attacker
constexpr double kShallowMissed = 0.25;  // the study's decoders missed .07 to .09
constexpr double kNoiseMissedLow = 0.95, kNoiseMissedHigh = 1.10;
// A search wants the most probable picture and not the least error: what it finds in noise is
// rough, and misses by more than a flat picture does.
constexpr const char* kSearch = "optimisation";
constexpr double kNoiseMissedBySearch = 1.50;
constexpr double kAucOff = 0.01;    // from .5, whatever the interval says
constexpr double kRank1Off = 0.02;  // from chance

template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

bool has_value(const Measured& figure) { return !std::isnan(figure.value); }

bool near(const Measured& figure, double chance, double off) {
  return std::abs(figure.value - chance) <= off || (figure.low <= chance && chance <= figure.high);
}

void judge_noise(const AttackRow& row, std::vector<Control>& controls) {
  if (has_value(row.unexplained_variance)) {
    const double missed = row.unexplained_variance.value;
    const double most = row.attacker == kSearch ? kNoiseMissedBySearch : kNoiseMissedHigh;
    controls.push_back({row.attacker + " misses the picture on noise alone",
                        text("unexplained variance ", kNoiseMissedLow, " to ", most), missed,
                        missed >= kNoiseMissedLow && missed <= most});
  }
  if (has_value(row.rank1)) {
    controls.push_back(
        {row.attacker + " names people at chance on noise alone",
         text("rank-1 within its interval, or ", kRank1Off, ", of ", row.rank1_chance),
         row.rank1.value, near(row.rank1, row.rank1_chance, kRank1Off)});
    controls.push_back({row.attacker + " matches people at chance on noise alone",
                        text("AUC within its interval, or ", kAucOff, ", of 0.5"), row.auc.value,
                        near(row.auc, 0.5, kAucOff)});
  }
  if (has_value(row.accuracy)) {
    controls.push_back({row.attacker + " guesses at chance on noise alone",
                        text("accuracy within its interval, or 0.05, of ", row.accuracy_chance),
                        row.accuracy.value, near(row.accuracy, row.accuracy_chance, 0.05)});
  }
}

void judge_shallow(const AttackRow& row, std::vector<Control>& controls) {
  if (row.attacker == "linear") return;  // not trained, and weak by its nature
  if (has_value(row.auc)) {
    controls.push_back({row.attacker + " matches people at a shallow cut without noise",
                        text("AUC at least ", kShallowAuc), row.auc.value,
                        row.auc.value >= kShallowAuc});
  }
  if (has_value(row.unexplained_variance)) {
    controls.push_back({row.attacker + " rebuilds pictures at a shallow cut without noise",
                        text("unexplained variance at most ", kShallowMissed),
                        row.unexplained_variance.value,
                        row.unexplained_variance.value <= kShallowMissed});
  }
  if (has_value(row.accuracy)) {
    controls.push_back({row.attacker + " guesses better than chance at a shallow cut without noise",
                        text("low end of the accuracy's interval over ", row.accuracy_chance),
                        row.accuracy.low, row.accuracy.low > row.accuracy_chance});
  }
}

// What counts for a release is the best attacker: that one has to find nearly everybody.
void judge_best(const std::vector<AttackRow>& rows, std::vector<Control>& controls) {
  double best = -1;
  for (const AttackRow& row : rows) {
    if (row.seen == Seen::kShallow && has_value(row.rank1)) best = std::max(best, row.rank1.value);
  }
  if (best < 0) return;
  controls.push_back({"the best attacker finds people again at a shallow cut without noise",
                      text("rank-1 at least ", kShallowRank1), best, best >= kShallowRank1});
}

bool has(const std::vector<AttackRow>& rows, const char* attacker, Seen seen) {
  return std::any_of(rows.begin(), rows.end(), [&](const AttackRow& row) {
    return row.attacker == attacker && row.seen == seen;
  });
}

}  // namespace

std::vector<Control> controls_of(const std::vector<AttackRow>& rows) {
  std::vector<Control> controls;
  for (const AttackRow& row : rows) {
    if (row.seen == Seen::kPictures) {
      controls.push_back({"recogniser finds people again on clean pictures",
                          text("rank-1 at least ", kRecogniserRank1), row.rank1.value,
                          row.rank1.value >= kRecogniserRank1});
    }
    if (row.seen == Seen::kShallow) judge_shallow(row, controls);
    if (row.seen == Seen::kNoiseOnly) judge_noise(row, controls);
  }
  judge_best(rows, controls);
  for (const auto& [seen, what] : {std::pair{Seen::kShallow, "at a shallow cut without noise"},
                                   std::pair{Seen::kNoiseOnly, "on noise alone"}}) {
    if (!has(rows, "decoder", seen)) {
      controls.push_back({text("decoder was run ", what), "a measurement", 0, false});
    }
  }
  return controls;
}

bool all_passed(const std::vector<Control>& controls) {
  return !controls.empty() && std::all_of(controls.begin(), controls.end(),
                                          [](const Control& control) { return control.passed; });
}

}  // namespace scrim
