#include <scrim/audit.h>

#include "audit/html.h"
#include "base/check.h"

#include <sstream>

namespace scrim {
namespace {

constexpr float kShown = 0.5F;  // detections of a lower score are not drawn
constexpr const char* kNoBreak = "&#8239;";

constexpr const char* kStyle = R"(
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #1b1f24;
       background: #fff; max-width: 66rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .8rem; border-top: 1px solid #d8dee4; }
p, li { max-width: 46rem; }
.faint { color: #57606a; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.tile { flex: 1 1 11rem; border: 1px solid #d8dee4; border-radius: 6px; padding: .7rem .9rem; }
.tile b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .28rem .9rem; border-bottom: 1px solid #e7ebef; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tr.total td { font-weight: 600; border-top: 2px solid #57606a; }
.quad { display: grid; grid-template-columns: 1fr 1fr; gap: .7rem; margin: 0 0 1.6rem;
        break-inside: avoid; }
.quad h3 { grid-column: 1 / -1; font-size: 1rem; margin: .4rem 0 0; }
figure { margin: 0; }
figure img { width: 100%; display: block; border-radius: 3px; background: #eee; }
figcaption { font-size: .85rem; color: #57606a; padding-top: .2rem; }
pre { background: #f6f8fa; border-radius: 6px; padding: .8rem 1rem; white-space: pre-wrap; }
code { overflow-wrap: anywhere; }
@media print { body { font-size: 11px; max-width: none; padding: 0; } h2 { break-after: avoid; } }
)";

std::string percent(double share) { return figure(100 * share, 1) + kNoBreak + "%"; }

std::string tile(const std::string& value, const std::string& meaning) {
  return "<div class=\"tile\"><b>" + value + "</b>" + meaning + "</div>\n";
}

std::string row(const std::vector<std::string>& cells, const char* kind = "td",
                const char* attributes = "") {
  std::string out = std::string("<tr") + attributes + ">";
  for (const std::string& cell : cells) {
    out += std::string("<") + kind + ">" + cell + "</" + kind + ">";
  }
  return out + "</tr>\n";
}

// Of the clean accuracy, the share that is left; "-" where there was none.
std::string retention(const FoldFigures& figures) {
  return figures.clean > 0 ? percent(figures.noisy / figures.clean) : "-";
}

std::string summary(const ReportContents& c) {
  const double bits = c.bits_per_element * static_cast<double>(c.channels);
  return "<div class=\"tiles\">\n" +
         tile(figure(c.mean.noisy, 3),
              "average precision with obfuscation; without it " + figure(c.mean.clean, 3)) +
         tile(retention(c.mean), "of the accuracy is kept") +
         tile(figure(bits, 1) + " bits", "at most, on average, pass per cell of " +
                                             std::to_string(c.manifest.stride) + " x " +
                                             std::to_string(c.manifest.stride) + " input pixels") +
         tile(percent(c.noisy_leakage.unexplained_variance),
              "of the picture is missed by a linear attacker; without noise " +
                  percent(c.clean_leakage.unexplained_variance)) +
         "</div>\n";
}

constexpr const char* kScope = R"(<h2>What is protected, and from whom</h2>
<p>A detector of faces is cut in two. The first part, the head, runs where the pictures are. Its
output is reduced to a few numbers per cell, noise is added to each of them, and only this noisy
result leaves the trusted place. The second part, the tail, runs elsewhere and finds the faces.</p>
<p>The attacker is whoever runs or watches the second part. An attacker sees every noisy result and
knows the network, the noise's parameters and this page, but has neither the pictures nor the key
that the noise was drawn with. Who holds the key can take the noise away again.</p>
)";

constexpr const char* kPictures = R"(<h2>Pictures</h2>
<p>Above: what the detector finds without and with obfuscation (boxes of score .5 and more). Below:
the picture as a linear attacker, trained on other pictures, rebuilds it from what crosses the
cut.</p>
)";

std::string scope(const ReportContents& c) {
  return std::string(kScope) + "<p class=\"faint\">Model " + escaped(c.manifest.model) +
         ", cut after <code>" + escaped(c.manifest.split_point) + "</code>; release <code>" +
         escaped(c.manifest.release_id) + "</code>.</p>\n";
}

std::string figure_tag(const Image& image, const std::string& caption) {
  if (image.pixels.empty()) return {};
  return "<figure>" + picture_tag(image, caption) + "<figcaption>" + escaped(caption) +
         "</figcaption></figure>\n";
}

std::string count_of(const std::vector<Detection>& detections) {
  std::size_t shown = 0;
  for (const Detection& detection : detections) shown += detection.score >= kShown;
  return std::to_string(shown) + (shown == 1 ? " face" : " faces");
}

std::string pictures(const ReportContents& c) {
  if (c.pictures.empty()) return {};
  std::string out = kPictures;
  for (const ReportPicture& p : c.pictures) {
    out += "<div class=\"quad\"><h3>" + escaped(p.name) + "</h3>\n";
    out += figure_tag(draw_detections(p.input, p.clean_detections, kShown),
                      "without obfuscation: " + count_of(p.clean_detections));
    out += figure_tag(draw_detections(p.input, p.noisy_detections, kShown),
                      "with obfuscation: " + count_of(p.noisy_detections));
    out += figure_tag(p.clean_reconstruction, "rebuilt by the attacker, no noise");
    out += figure_tag(p.noisy_reconstruction, "rebuilt by the attacker, with noise");
    out += "</div>\n";
  }
  return out;
}

std::string accuracy(const ReportContents& c) {
  std::string out =
      "<h2>Accuracy</h2>\n<table>\n" + row({"fold", "without", "with obfuscation", "kept"}, "th");
  for (std::size_t i = 0; i < c.folds.size(); ++i) {
    out += row({std::to_string(i + 1), figure(c.folds[i].clean, 4), figure(c.folds[i].noisy, 4),
                retention(c.folds[i])});
  }
  out += row({"mean", figure(c.mean.clean, 4), figure(c.mean.noisy, 4), retention(c.mean)}, "td",
             " class=\"total\"");
  out += row({"95" + std::string(kNoBreak) + "% interval",
              figure(c.interval_low.clean, 3) + " to " + figure(c.interval_high.clean, 3),
              figure(c.interval_low.noisy, 3) + " to " + figure(c.interval_high.noisy, 3), ""});
  return out + "</table>\n<p class=\"faint\">" + escaped(c.protocol) +
         ". The interval comes from drawing the pictures anew, with replacement.</p>\n";
}

std::string information(const ReportContents& c) {
  const double cell = c.bits_per_element * static_cast<double>(c.channels);
  const double picture = cell * static_cast<double>(c.cells);
  return "<h2>How much passes</h2>\n<table>\n" + row({"alpha", figure(c.alpha, 3)}) +
         row({"bits per element, at most", figure(c.bits_per_element, 4)}) +
         row({"bits per cell of " + std::to_string(c.channels) + " channels, at most",
              figure(cell, 2)}) +
         row({"bits per picture of " + std::to_string(c.cells) + " cells, at most",
              figure(picture, 0)}) +
         "</table>\n<p>Alpha is a calculated upper limit, an average over all cells. A cell that "
         "shows a "
         "face may pass much more than the average, one that shows a wall much less. The limit "
         "says how "
         "much passes, not what; that is why the release is also attacked.</p>\n";
}

std::string attack(const ReportContents& c) {
  return "<h2>What the attacker reached</h2>\n<table>\n" +
         row({"linear reconstruction from 3 x 3 cells", "no noise", "with noise"}, "th") +
         row({"picture missed (100" + std::string(kNoBreak) + "% is chance)",
              percent(c.clean_leakage.unexplained_variance),
              percent(c.noisy_leakage.unexplained_variance)}) +
         row({"signal to error (PSNR)", figure(c.clean_leakage.psnr, 1) + " dB",
              figure(c.noisy_leakage.psnr, 1) + " dB"}) +
         row({"pictures measured, unseen in training", std::to_string(c.clean_leakage.pictures),
              std::to_string(c.noisy_leakage.pictures)}) +
         "</table>\n";
}

std::string making(const ReportContents& c) {
  std::string out = "<h2>How this page was made</h2>\n<table>\n" + row({"stage", "seconds"}, "th");
  for (const auto& [stage, seconds] : c.seconds) out += row({escaped(stage), figure(seconds, 1)});
  out += "</table>\n<pre>";
  for (const std::string& command : c.commands) out += escaped(command) + "\n";
  return out + "</pre>\n<p class=\"faint\">Training list " + escaped(c.manifest.data_digest) +
         ", scrim " + escaped(c.manifest.tool_version) + ".</p>\n";
}

constexpr const char* kLimits = R"(<h2>What this page does not say</h2>
<ul>
<li>An attack that fails proves nothing beyond itself. This attacker is linear; a trained network
rebuilds more.</li>
<li>Nothing here measures whether a person can be recognised again from the noisy result. It may be
possible.</li>
<li>Alpha limits the average over cells, not each cell, nor what the passing bits are about.</li>
<li>The same picture gets the same noise, so asking twice tells nothing new. Nearly equal pictures,
as in a film, each get new noise, and their information adds up.</li>
<li>The figures hold for pictures like the ones measured, and for this release and input size.</li>
<li>The second part computes the boxes: whoever runs it knows where faces are, and how many.</li>
</ul>
)";

}  // namespace

std::string html_report(const ReportContents& contents) {
  check(contents.alpha > 0 && contents.alpha < 1, "alpha must be in (0, 1), got ", contents.alpha);
  std::ostringstream out;
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
      << escaped(contents.title) << "</title>\n<style>" << kStyle
      << "</style>\n</head>\n<body>\n<h1>" << escaped(contents.title)
      << "</h1>\n<p class=\"faint\">" << escaped(contents.created) << ", alpha "
      << figure(contents.alpha, 2) << "</p>\n"
      << summary(contents) << scope(contents) << pictures(contents) << accuracy(contents)
      << information(contents) << attack(contents) << kLimits << making(contents)
      << "</body>\n</html>\n";
  return out.str();
}

}  // namespace scrim
