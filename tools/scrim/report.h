// What the verbs that write a report have in common.
#pragma once

#include <scrim/audit.h>
#include <scrim/evaluate.h>

#include <string>

namespace scrim::cli {

// The mean of the folds with its interval.
AccuracyRow accuracy_row(const Evaluation& evaluation);
// As in "2024-05-01T12:34:56Z".
std::string now_utc();

}  // namespace scrim::cli
