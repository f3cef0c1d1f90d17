// The tables of the report: attacks, controls, capacity, accuracy.
#pragma once

#include <scrim/audit.h>

#include <string>

namespace scrim {

// One table an attacker; each figure has that attacker's figure without noise beside it.
std::string attack_tables(const AuditResult& audit);
std::string control_table(const AuditResult& audit);
// What alpha bounds, and what the average over cells hides.
std::string capacity_tables(const ReportContents& contents);
std::string accuracy_table(const ReportContents& contents);

}  // namespace scrim
