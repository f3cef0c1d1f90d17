#include "audit/report_summary.h"

#include "audit/attackers_text.h"
#include "audit/chart.h"
#include "audit/findings.h"
#include "audit/html.h"
#include "audit/page.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrim {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string banner(const char* kind, const std::string& title, const std::string& words) {
  return std::string("<div class=\"verdict ") + kind + "\"><b>" + escaped(title) + "</b>" +
         escaped(words) + "</div>\n";
}

double rank1_chance(const AuditResult& audit) {
  for (const AttackRow& row : audit.attacks) {
    if (std::isfinite(row.rank1_chance)) return row.rank1_chance;
  }
  return kNone;
}

std::string kept_in_words(const ReportContents& c, double alpha) {
  const Measured noisy = accuracy_at(c, alpha), clean = accuracy_at(c, kNone);
  if (!is_measured(noisy) || !is_measured(clean) || clean.value <= 0) return {};
  return "The task keeps " + percent(noisy.value / clean.value) + " of its " +
         escaped(c.accuracy_name) + ": " + figure(noisy.value, 3) + " of " +
         figure(clean.value, 3) + " without obfuscation. ";
}

std::string picture_in_words(const AuditResult& audit, double alpha) {
  const AttackRow* best = best_row(audit, kPictureMissed, Seen::kRelease, alpha);
  if (best == nullptr) return {};
  std::string out = "The best attempt to rebuild the picture (" +
                    escaped(attacker_text(best->attacker).title) + ") misses " +
                    percent(best->unexplained_variance.value) + " of it";
  const Measured depth = best_figure(audit, kPictureMissed, Seen::kNoNoise);
  if (is_measured(depth)) {
    out += "; without any noise the same cut already hides " + percent(depth.value) +
           ", so only the rest is the work of the noise";
  }
  return out + ". ";
}

std::string person_in_words(const AuditResult& audit, double alpha) {
  const AttackRow* best = best_row(audit, kPersonNamed, Seen::kRelease, alpha);
  if (best == nullptr) return "Whether a person can be recognised was not tested. ";
  std::string out = "A recogniser puts the right person first in " + percent(best->rank1.value) +
                    " of the pictures";
  if (std::isfinite(best->rank1_chance)) {
    out += "; guessing gives " + percent(best->rank1_chance);
    out += best->rank1.low > best->rank1_chance
               ? ". That is better than guessing: who has many pictures can link some of them"
               : ". This test cannot tell that from guessing; a better attacker may";
  }
  return out + ". ";
}

// One line of the table: an alpha, or what stands beside all of them.
std::string glance_row(const ReportContents& c, const std::string& name, Seen seen, double alpha) {
  const bool noisy = seen == Seen::kRelease;
  const double bits = capacity_at(c.audit, alpha) != nullptr && noisy
                          ? capacity_at(c.audit, alpha)->diagonal_bits
                          : kNone;
  return row({name, with_interval(accuracy_at(c, noisy ? alpha : kNone), 3),
              percent_with_interval(best_figure(c.audit, kPictureMissed, seen, alpha)),
              percent_with_interval(best_figure(c.audit, kPersonNamed, seen, alpha)),
              with_interval(best_figure(c.audit, kPersonMatched, seen, alpha), 3), figure(bits, 4)},
             "td", noisy ? "" : " class=\"aside\"");
}

ChartSeries series_of(const AuditResult& audit, const std::string& attacker, Question question) {
  ChartSeries series{attacker_text(attacker).short_name, {}};
  for (const AttackRow& row : audit.attacks) {
    if (row.attacker != attacker || row.seen != Seen::kRelease || row.draws != 1) continue;
    Measured seen = row.*question.figure;
    // The chart shows success: the share of the picture that is seen.
    if (question.low_is_leaky) seen = {1 - seen.value, 1 - seen.high, 1 - seen.low};
    if (is_measured(seen)) series.points.emplace_back(row.alpha, seen);
  }
  return series;
}

std::string attack_chart(const AuditResult& audit, const std::string& title, Question question,
                         double chance) {
  Chart chart{title, {}, {{"chance", chance}}};
  for (const std::string& attacker : attackers_of(audit)) {
    ChartSeries series = series_of(audit, attacker, question);
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  const double depth = best_figure(audit, question, Seen::kNoNoise).value;
  chart.lines.push_back({"no noise", question.low_is_leaky ? 1 - depth : depth});
  return chart_svg(chart);
}

std::string accuracy_chart(const ReportContents& c) {
  Chart chart{c.accuracy_name, {{"with noise", {}}}, {}};
  for (const AccuracyRow& accuracy : c.accuracy) {
    if (std::isfinite(accuracy.alpha)) {
      chart.series.front().points.emplace_back(accuracy.alpha, accuracy.accuracy);
    }
  }
  chart.lines = {{"no noise", accuracy_at(c, kNone).value}, {"not adapted", c.untouched.value}};
  return chart_svg(chart);
}

}  // namespace

Measured accuracy_at(const ReportContents& contents, double alpha) {
  const auto found = std::find_if(
      contents.accuracy.begin(), contents.accuracy.end(), [alpha](const AccuracyRow& accuracy) {
        return std::isnan(alpha) ? std::isnan(accuracy.alpha) : accuracy.alpha == alpha;
      });
  return found == contents.accuracy.end() ? Measured{} : found->accuracy;
}

std::string verdict(const AuditResult& audit) {
  if (audit.controls.empty()) {
    return banner("", "No controls were run",
                  "The figures below show how the parts work together. Without controls, an "
                  "attacker that fails says nothing: do not rely on them.");
  }
  const auto failed = std::count_if(audit.controls.begin(), audit.controls.end(),
                                    [](const Control& control) { return !control.passed; });
  if (audit.valid) {
    return banner("valid", "Valid audit",
                  "Every control passed (" + std::to_string(audit.controls.size()) +
                      "): the attackers succeed where they must, and are at chance "
                      "on pure noise.");
  }
  return banner("invalid", "Invalid audit",
                std::to_string(failed) + " of " + std::to_string(audit.controls.size()) +
                    " controls failed. What the attackers did not reach says nothing for this "
                    "release: they do not reach it where nothing protects, either.");
}

std::string findings_in_words(const ReportContents& contents) {
  const std::vector<double> alphas = audited_alphas(contents.audit);
  if (alphas.empty()) return {};
  const double alpha = alphas.back();
  return "<p>At alpha " + alpha_text(alpha) +
         (alphas.size() > 1 ? ", the highest audited: " : ": ") + kept_in_words(contents, alpha) +
         picture_in_words(contents.audit, alpha) + person_in_words(contents.audit, alpha) +
         "</p>\n";
}

std::string glance(const ReportContents& contents) {
  const AuditResult& audit = contents.audit;
  std::string rows =
      row({"alpha", escaped(contents.accuracy_name), "picture missed<br>by the best attacker",
           "person found<br>(rank-1)", "two pictures of one<br>person told (AUC)",
           "bits per element,<br>at most"},
          "th");
  rows += glance_row(contents, "no noise", Seen::kNoNoise, 0);
  for (const double alpha : audited_alphas(audit)) {
    rows += glance_row(contents, alpha_text(alpha), Seen::kRelease, alpha);
  }
  rows += row({"chance", "", percent(1, 0), percent(rank1_chance(audit)), "0.500", ""}, "td",
              " class=\"aside\"");
  std::string out = table(rows);
  out.replace(out.find("<table"), 6, "<table class=\"glance\"");
  return out + note("Small print: 95" + std::string(kNoBreak) +
                    "% intervals. \"No noise\" is the same cut without noise: what its depth alone "
                    "hides.");
}

std::string charts(const ReportContents& contents) {
  if (audited_alphas(contents.audit).size() < 2) return {};
  const AuditResult& audit = contents.audit;
  return "<div class=\"charts\">\n" + accuracy_chart(contents) +
         attack_chart(audit, "share of the picture that is seen", kPictureMissed, 0) +
         attack_chart(audit, "person found (rank-1)", kPersonNamed, rank1_chance(audit)) +
         attack_chart(audit, "one person or two (AUC)", kPersonMatched, 0.5) + "</div>\n" +
         note("Higher alpha means more noise, to the right. Bars are 95" + std::string(kNoBreak) +
              "% intervals. The first chart should stay high, the others should fall to chance.");
}

}  // namespace scrim
