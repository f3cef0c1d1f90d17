#include "audit/findings.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace scrim {
namespace {

std::int64_t size_of(const AttackRow& row, Question question) {
  return question.figure == kPictureMissed.figure ? row.pictures : row.identity_pictures;
}

bool better(const AttackRow& one, const AttackRow& other, Question question) {
  const double a = (one.*question.figure).value, b = (other.*question.figure).value;
  return question.low_is_leaky ? a < b : a > b;
}

}  // namespace

bool is_measured(const Measured& figure) { return std::isfinite(figure.value); }

const AttackRow* best_row(const AuditResult& audit, Question question, Seen seen, double alpha) {
  std::vector<const AttackRow*> rows;
  std::int64_t largest = 0;
  for (const AttackRow& row : audit.attacks) {
    if (row.seen != seen || row.draws != 1 || !is_measured(row.*question.figure)) continue;
    if (seen == Seen::kRelease && row.alpha != alpha) continue;
    rows.push_back(&row);
    largest = std::max(largest, size_of(row, question));
  }
  const AttackRow* best = nullptr;
  for (const AttackRow* row : rows) {
    if (2 * size_of(*row, question) < largest) continue;
    if (best == nullptr || better(*row, *best, question)) best = row;
  }
  return best;
}

Measured best_figure(const AuditResult& audit, Question question, Seen seen, double alpha) {
  const AttackRow* row = best_row(audit, question, seen, alpha);
  return row == nullptr ? Measured{} : row->*question.figure;
}

const AttackRow* without_noise(const AuditResult& audit, const AttackRow& row) {
  // Averages are made for the decoder: without noise there is nothing to average.
  const std::string attacker = row.attacker == "averaging" ? "decoder" : row.attacker;
  const auto found =
      std::find_if(audit.attacks.begin(), audit.attacks.end(), [&](const AttackRow& other) {
        return other.seen == Seen::kNoNoise && other.attacker == attacker &&
               other.attribute == row.attribute;
      });
  return found == audit.attacks.end() ? nullptr : &*found;
}

std::vector<double> audited_alphas(const AuditResult& audit) {
  std::set<double> alphas;
  for (const CapacityRow& row : audit.capacity) alphas.insert(row.alpha);
  for (const AttackRow& row : audit.attacks) {
    if (row.seen == Seen::kRelease && std::isfinite(row.alpha)) alphas.insert(row.alpha);
  }
  return {alphas.begin(), alphas.end()};
}

std::vector<std::string> attackers_of(const AuditResult& audit) {
  std::vector<std::string> names;
  for (const AttackRow& row : audit.attacks) {
    if (std::find(names.begin(), names.end(), row.attacker) == names.end()) {
      names.push_back(row.attacker);
    }
  }
  return names;
}

const CapacityRow* capacity_at(const AuditResult& audit, double alpha) {
  const auto found = std::find_if(audit.capacity.begin(), audit.capacity.end(),
                                  [alpha](const CapacityRow& row) { return row.alpha == alpha; });
  return found == audit.capacity.end() ? nullptr : &*found;
}

}  // namespace scrim
