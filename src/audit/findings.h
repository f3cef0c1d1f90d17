// What an audit found, put together from its rows: the best attacker for each question.
#pragma once

#include <scrim/audit.h>

#include <optional>
#include <string>
#include <vector>

namespace scrim {

// A question that attackers are asked, and how to read the answer in a row.
struct Question {
  Measured AttackRow::*figure;
  bool low_is_leaky;  // unexplained variance: the attacker wants it small
};
inline constexpr Question kPictureMissed{&AttackRow::unexplained_variance, true};
inline constexpr Question kPersonNamed{&AttackRow::rank1, false};
inline constexpr Question kPersonMatched{&AttackRow::auc, false};

// The row that does best by the question among those of that kind, with one draw of each picture;
// null where none was measured. A row of few pictures, under half of what others have, is left out:
// it is of other pictures, and as far off as few are. `alpha` counts for Seen::kRelease only.
const AttackRow* best_row(const AuditResult& audit, Question question, Seen seen, double alpha = 0);
// Its figure; NaN where there is none.
Measured best_figure(const AuditResult& audit, Question question, Seen seen, double alpha = 0);

// The same attacker without noise, for the row of a release: what the depth of the cut hides by
// itself. Null if it was not measured.
const AttackRow* without_noise(const AuditResult& audit, const AttackRow& row);

// The alphas that were attacked or whose capacity was computed, ascending.
std::vector<double> audited_alphas(const AuditResult& audit);
// The names of the attackers, in the order of the rows.
std::vector<std::string> attackers_of(const AuditResult& audit);
// Null where the alpha has no row.
const CapacityRow* capacity_at(const AuditResult& audit, double alpha);

bool is_measured(const Measured& figure);

}  // namespace scrim
