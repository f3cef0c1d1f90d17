#include "audit/report_tables.h"

#include "audit/attackers_text.h"
#include "audit/findings.h"
#include "audit/html.h"
#include "audit/page.h"
#include "audit/report_summary.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

struct Column {
  const char* title;
  Measured AttackRow::*figure;
  bool is_share;
  int decimals;
};

constexpr Column kColumns[] = {
    {"picture missed", &AttackRow::unexplained_variance, true, 1},
    {"faces missed", &AttackRow::unexplained_in_faces, true, 1},
    {"PSNR, dB", &AttackRow::psnr, false, 1},
    {"SSIM", &AttackRow::ssim, false, 3},
    {"person found", &AttackRow::rank1, true, 1},
    {"AUC", &AttackRow::auc, false, 3},
    {"guessed right", &AttackRow::accuracy, true, 1},
};

using Rows = std::vector<const AttackRow*>;

// Releases by alpha, attribute and draws; what stands beside them comes last.
Rows rows_of(const AuditResult& audit, const std::string& attacker) {
  Rows rows;
  for (const AttackRow& row : audit.attacks) {
    if (row.attacker == attacker) rows.push_back(&row);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const AttackRow* a, const AttackRow* b) {
    if (a->seen != b->seen) return a->seen < b->seen;
    if (a->seen != Seen::kRelease) return false;
    return a->alpha != b->alpha ? a->alpha < b->alpha : a->draws < b->draws;
  });
  return rows;
}

std::vector<Column> columns_of(const Rows& rows) {
  std::vector<Column> columns;
  for (const Column& column : kColumns) {
    if (std::any_of(rows.begin(), rows.end(),
                    [&](const AttackRow* row) { return is_measured(row->*column.figure); })) {
      columns.push_back(column);
    }
  }
  return columns;
}

std::string value_text(const AttackRow& row, const Column& column) {
  const Measured& value = row.*column.figure;
  return column.is_share ? percent_with_interval(value) : with_interval(value, column.decimals);
}

std::string plain_text(const AttackRow* row, const Column& column) {
  if (row == nullptr) return "-";
  const double value = (row->*column.figure).value;
  return column.is_share ? percent(value) : figure(value, column.decimals);
}

std::string name_of(const AttackRow& row) {
  std::string name =
      row.seen == Seen::kRelease ? "alpha " + alpha_text(row.alpha) : seen_text(row.seen);
  if (!row.attribute.empty()) name += ", " + escaped(row.attribute);
  if (row.draws > 1) {
    name += ", " + std::to_string(row.draws) + " draws";
    if (std::isfinite(row.alpha_after_draws)) {
      name += "<small>together as alpha " + figure(row.alpha_after_draws, 3) + "</small>";
    }
  }
  return name;
}

std::string head_rows(const std::vector<Column>& columns) {
  std::string above = "<tr><th></th>", below = "<tr><th>given</th>";
  for (const Column& column : columns) {
    above += std::string("<th colspan=\"2\">") + column.title + "</th>";
    below += "<th>with noise</th><th>without</th>";
  }
  return above + "</tr>\n" + below + "</tr>\n";
}

std::string attack_row(const AuditResult& audit, const AttackRow& attack,
                       const std::vector<Column>& columns) {
  std::vector<std::string> cells = {name_of(attack)};
  const AttackRow* beside = without_noise(audit, attack);
  const bool is_released = attack.seen == Seen::kRelease;
  for (const Column& column : columns) {
    // What was seen without noise stands in the column that says so.
    const bool noisy = is_released || attack.seen == Seen::kNoiseOnly;
    cells.push_back(noisy ? value_text(attack, column) : "");
    cells.push_back(is_released ? plain_text(beside, column)
                                : (noisy ? "" : value_text(attack, column)));
  }
  return row(cells, "td", is_released ? "" : " class=\"aside\"");
}

std::string counts_of(const Rows& rows) {
  std::int64_t pictures = 0, identity_pictures = 0, people = 0;
  double rank1 = NAN, accuracy = NAN, seconds = 0;
  for (const AttackRow* row : rows) {
    pictures = std::max(pictures, row->pictures);
    identity_pictures = std::max(identity_pictures, row->identity_pictures);
    people = std::max(people, row->people);
    if (std::isfinite(row->rank1_chance)) rank1 = row->rank1_chance;
    if (std::isfinite(row->accuracy_chance)) accuracy = row->accuracy_chance;
    seconds = std::max(seconds, row->seconds);
  }
  std::string text;
  if (pictures > 0)
    text += std::to_string(pictures) + " pictures; chance misses " + percent(1, 0) + ". ";
  if (identity_pictures > 0) {
    text += std::to_string(identity_pictures) + " pictures of " + std::to_string(people) +
            " people whom no attacker was trained on; chance finds " + percent(rank1) +
            ", with an AUC of 0.5. ";
  }
  if (std::isfinite(accuracy)) text += "Guessing is right in " + percent(accuracy) + ". ";
  if (seconds > 0) text += figure(seconds, 0) + " s.";
  return note(text);
}

std::string attack_table(const AuditResult& audit, const std::string& attacker) {
  const Rows rows = rows_of(audit, attacker);
  const std::vector<Column> columns = columns_of(rows);
  const AttackerText text = attacker_text(attacker);
  std::string out = "<h3>" + escaped(text.title) + "</h3>\n";
  if (!text.what.empty()) out += paragraph(text.what);
  if (columns.empty()) return out + note("Nothing was measured.");
  std::string lines = head_rows(columns);
  for (const AttackRow* attack : rows) lines += attack_row(audit, *attack, columns);
  return out + table(lines) + counts_of(rows);
}

std::string bits_row(const ReportContents& c, const CapacityRow& r) {
  const double cell = r.diagonal_bits * static_cast<double>(c.channels);
  return row({alpha_text(r.alpha), figure(r.diagonal_alpha, 3), figure(r.joint_alpha, 3),
              figure(r.diagonal_bits, 4), figure(r.joint_bits, 4), figure(cell, 2),
              figure(r.bits_per_picture, 0)});
}

std::string tail_row(const CapacityRow& r) {
  return row({alpha_text(r.alpha), figure(r.norm_median, 1), figure(r.norm_99, 1),
              figure(r.norm_999, 1), figure(r.norm_max, 1), figure(r.cell_auc_50, 3),
              figure(r.pair_auc_50, 3), figure(r.pair_auc_5, 3),
              r.fano_error > 0 ? percent(r.fano_error) : "says nothing"});
}

std::string kept(const Measured& figure, const Measured& reference) {
  return is_measured(reference) && reference.value > 0 ? percent(figure.value / reference.value)
                                                       : "-";
}

}  // namespace

std::string attack_tables(const AuditResult& audit) {
  std::string out;
  for (const std::string& attacker : attackers_of(audit)) out += attack_table(audit, attacker);
  if (audit.skipped.empty()) return out;
  out += "<h3>Not attacked</h3>\n<ul>\n";
  for (const std::string& reason : audit.skipped) out += "<li>" + escaped(reason) + "</li>\n";
  return out + "</ul>\n";
}

std::string control_table(const AuditResult& audit) {
  if (audit.controls.empty()) return {};
  std::string lines = row({"control", "must be", "measured", ""}, "th");
  for (const Control& control : audit.controls) {
    lines += row({escaped(control.name), escaped(control.expectation), figure(control.value, 3),
                  control.passed ? "passed" : "<b>FAILED</b>"});
  }
  std::string out = table(lines);
  out.replace(out.find("<table"), 6, "<table class=\"words\"");
  return out;
}

std::string capacity_tables(const ReportContents& contents) {
  const auto& capacity = contents.audit.capacity;
  if (capacity.empty()) return {};
  std::string bits =
      row({"alpha", "on these<br>pictures", "counted<br>jointly", "bits per<br>element",
           "counted<br>jointly", "bits per<br>cell", "bits per<br>picture"},
          "th");
  for (const CapacityRow& r : capacity) bits += bits_row(contents, r);
  std::string out = table(bits);
  if (std::none_of(capacity.begin(), capacity.end(),
                   [](const CapacityRow& r) { return r.norm_max > 0; })) {
    return out;
  }
  std::string tail = row({"alpha", "median cell", "99 %", "99.9 %", "largest",
                          "two cells<br>told (AUC)", "two pictures<br>told: half of pairs",
                          "5 % of pairs", "must err among<br>2<sup>20</sup> pictures"},
                         "th");
  for (const CapacityRow& r : capacity) tail += tail_row(r);
  return out +
         "<p>The bound is an average over cells. The next table shows its other side: how many "
         "deviations of the noise single cells stand out, and how well the best possible attacker "
         "tells which of two <em>known</em> cells or pictures was sent (calculated, not attacked; "
         "1 is always, 0.5 is chance).</p>\n" +
         table(tail);
}

std::string accuracy_table(const ReportContents& contents) {
  if (contents.accuracy.empty()) return note("Accuracy was not measured.");
  const Measured clean = accuracy_at(contents, NAN);
  std::string lines = row({"", escaped(contents.accuracy_name), "kept of the same<br>without noise",
                           "kept of the network<br>before adaptation"},
                          "th");
  if (is_measured(contents.untouched)) {
    lines += row({"before adaptation, no noise", with_interval(contents.untouched, 4), "", ""});
  }
  for (const AccuracyRow& r : contents.accuracy) {
    const bool noisy = std::isfinite(r.alpha);
    lines += row({noisy ? "alpha " + alpha_text(r.alpha) : "no noise", with_interval(r.accuracy, 4),
                  noisy ? kept(r.accuracy, clean) : "", kept(r.accuracy, contents.untouched)});
  }
  std::string about = contents.accuracy_protocol;
  if (contents.accuracy_pictures > 0) {
    about += (about.empty() ? "" : "; ") + std::to_string(contents.accuracy_pictures) + " pictures";
  }
  if (!contents.accuracy_source.empty()) about += " (" + contents.accuracy_source + ")";
  return table(lines) + note(escaped(about) + ".");
}

}  // namespace scrim
