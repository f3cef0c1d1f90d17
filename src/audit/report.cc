#include <scrim/audit.h>

#include "audit/findings.h"
#include "audit/html.h"
#include "audit/page.h"
#include "audit/report_pictures.h"
#include "audit/report_summary.h"
#include "audit/report_tables.h"
#include "base/check.h"

#include <sstream>

namespace scrim {
namespace {

constexpr const char* kScope = R"(<p>A network is cut in two. The first part, the head, runs where
the pictures are. Its output is reduced to a few numbers per cell, noise is added to each of them,
and only this noisy result leaves the trusted place. The second part, the tail, runs elsewhere and
does the task.</p>
<p>The attacker is whoever runs or watches the second part. An attacker sees every noisy result and
knows the network, the noise's parameters and this page, and has other pictures of the same kind to
learn from, but has neither the pictures nor the key that the noise was drawn with. Who holds the
key can take the noise away again.</p>
)";

constexpr const char* kBound = R"(<p>Alpha is a calculated upper limit on the information that
passes, in (0, 1): higher means less passes. The limit says how much, not what; that is why the
release is also attacked. Bits per picture count all its cells: compare releases by them, not by
alpha.</p>
)";

constexpr const char* kReading = R"(<p>"Picture missed" is the share of the pictures' variance that
is not rebuilt (100 % is as good as not having looked, more is worse than that); "faces missed" the
same inside faces. "Person found" is how often the most similar of all other pictures shows the same
person. AUC is the chance that two pictures of one person look more alike than two of different
people. Beside each figure stands what the same attacker reaches without noise: where that is near
chance too, the depth of the cut protects and not the noise.</p>
)";

constexpr const char* kControls = R"(<p>An attacker that fails proves nothing unless it succeeds
where nothing protects. So each must first do so: on the pictures themselves, and after a shallow
cut without noise. On pure noise it must be at chance, or it has seen what it should not have. If
one control fails, the audit is invalid.</p>
)";

constexpr const char* kLimits = R"(<ul>
<li>An attack that fails proves nothing beyond itself. The attackers here bound what leaks from
below; longer training, more pictures or another network may reach more.</li>
<li>Alpha limits the average over cells, not each cell, nor what the passing bits are about. A cell
with a face passes far more than the average.</li>
<li>Few bits are enough to check a guess: who already has a picture can tell whether it was
sent.</li>
<li>The same picture gets the same noise, so asking twice tells nothing new, and shows that it came
again. Nearly equal pictures, as in a film, each get new noise, and their information adds up.</li>
<li>The figures hold for pictures like the ones measured, and for this release and input size.</li>
<li>The second part computes the answer: whoever runs it knows the answer.</li>
<li>The key is all that stands between the noisy result and the clean one. This page says nothing
of how it is kept.</li>
<li>No statement is made in terms of differential privacy.</li>
</ul>
)";

std::string scope(const ReportContents& c) {
  return std::string(kScope) +
         note("Model " + escaped(c.manifest.model) + ", task " + escaped(c.manifest.task) +
              ", cut after <code>" + escaped(c.manifest.split_point) + "</code>; one cell is " +
              std::to_string(c.manifest.stride) + " x " + std::to_string(c.manifest.stride) +
              " pixels of a picture enlarged " + alpha_text(c.manifest.input.scale) +
              " times. Release <code>" + escaped(c.manifest.release_id) + "</code>.");
}

std::string pictures(const ReportContents& c) {
  if (c.pictures.empty()) return {};
  return section("Pictures",
                 "<p>What an attacker, trained on other pictures, rebuilds from what "
                 "crosses the cut.</p>\n" +
                     picture_rows(c.pictures));
}

std::string mode_text(AuditMode mode) {
  return mode == AuditMode::kQuick
             ? "quick: sized for minutes on two cores, so a longer attack may "
               "reach more"
             : "full";
}

void add_fact(std::string& rows, const char* name, const std::string& value) {
  if (!value.empty()) rows += row({name, "<code>" + escaped(value) + "</code>"});
}

std::string facts(const ReportContents& c) {
  const AuditResult& audit = c.audit;
  std::string rows;
  add_fact(rows, "release", c.manifest.release_id);
  add_fact(rows, "training list of the release", c.manifest.data_digest);
  add_fact(rows, "audited annotations", audit.dataset_digest);
  add_fact(rows, "attackers' annotations", audit.attacker_digest);
  add_fact(rows, "recogniser", audit.recogniser_sha256);
  add_fact(rows, "clean weights", audit.weights_sha256);
  std::string out = rows.empty() ? "" : table(rows);
  if (!out.empty()) out.replace(out.find("<table"), 6, "<table class=\"words\"");
  return out;
}

std::string repeating(const ReportContents& c) {
  std::string out = "<pre>";
  for (const std::string& command : c.commands) out += escaped(command) + "\n";
  out += "</pre>\n" + facts(c);
  if (c.audit.audited_pictures > 0) {
    out +=
        note("Audited: " + std::to_string(c.audit.audited_pictures) +
             " pictures; the attackers learned from " + std::to_string(c.audit.attacker_pictures) +
             " others. Mode " + mode_text(c.mode) + ". Seed " + std::to_string(c.seed) + ".");
  }
  if (!c.audit.seconds.empty()) {
    std::string rows = row({"stage", "seconds"}, "th");
    for (const auto& [stage, seconds] : c.audit.seconds) {
      rows += row({escaped(stage), figure(seconds, 1)});
    }
    out += table(rows);
  }
  return out +
         note("SHA-256 where not said otherwise. Scrim " + escaped(c.manifest.tool_version) + ".");
}

void check_alphas(const ReportContents& contents) {
  for (const double alpha : audited_alphas(contents.audit)) {
    check(alpha > 0 && alpha < 1, "alpha must be in (0, 1), got ", alpha);
  }
}

}  // namespace

std::string html_report(const ReportContents& contents) {
  check_alphas(contents);
  const std::string controls = control_table(contents.audit);
  std::ostringstream out;
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
      << escaped(contents.title) << "</title>\n<style>" << page_style()
      << "</style>\n</head>\n<body>\n<h1>" << escaped(contents.title)
      << "</h1>\n<p class=\"faint\">" << escaped(contents.created) << "</p>\n"
      << verdict(contents.audit) << findings_in_words(contents) << glance(contents)
      << section("What is protected, and from whom", scope(contents)) << pictures(contents)
      << section("Over alpha", charts(contents) + accuracy_table(contents))
      << section("What the attackers reached", kReading + attack_tables(contents.audit))
      << (controls.empty() ? "" : section("Controls", kControls + controls))
      << section("How much passes", kBound + capacity_tables(contents))
      << section("What this page does not say", kLimits)
      << section("How to repeat it", repeating(contents)) << "</body>\n</html>\n";
  return out.str();
}

}  // namespace scrim
