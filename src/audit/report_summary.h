// The first screen of the report: does the audit count, what did it find, how does that run over
// alpha.
#pragma once

#include <scrim/audit.h>

#include <string>

namespace scrim {

// Whether the figures say anything: every control passed, one failed, or none was run.
std::string verdict(const AuditResult& audit);
// The findings at the highest alpha in sentences that need no table.
std::string findings_in_words(const ReportContents& contents);
// One line an alpha, between the lines without noise and of chance.
std::string glance(const ReportContents& contents);
// Accuracy and attack success over alpha, with intervals. Empty below two alphas: a table says it.
std::string charts(const ReportContents& contents);

// The row of `accuracy` at that alpha, or without obfuscation for NaN; not measured if none.
Measured accuracy_at(const ReportContents& contents, double alpha);

}  // namespace scrim
