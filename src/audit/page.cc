#include "audit/page.h"

#include "audit/html.h"

#include <charconv>
#include <cmath>

namespace scrim {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #1b1f24;
       background: #fff; max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; padding-top: .8rem;
     border-top: 1px solid #d8dee4; }
h3 { font-size: 1rem; margin: 1.4rem 0 .2rem; }
p, li { max-width: 46rem; }
p { margin: .5rem 0; }
li { margin: .25rem 0; }
.faint, small { color: #57606a; }
small { display: block; font-size: .75em; font-weight: 400; white-space: nowrap; }
.verdict { border: 1px solid #57606a; border-left-width: .6rem; border-radius: 4px;
           padding: .6rem 1rem; margin: 1.2rem 0; max-width: 46rem; }
.verdict b { display: block; font-size: 1.1rem; }
.valid { border-color: #1a7f37; }
.invalid { border-color: #b42318; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; vertical-align: top; padding: .3rem .8rem;
         border-bottom: 1px solid #e7ebef; }
th { vertical-align: bottom; font-size: .85rem; font-weight: 600; line-height: 1.25; }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
th:first-child, td:first-child { padding-left: 0; }
tr.apart td { border-top: 2px solid #57606a; }
tr.aside td { color: #57606a; }
.glance td { font-size: 1.1rem; }
.glance td:first-child { font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr));
          gap: .6rem 1.2rem; margin: .8rem 0; max-width: 56rem; }
.charts svg { width: 100%; max-width: 27rem; height: auto; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr));
            gap: .6rem; margin: 0 0 1.4rem; break-inside: avoid; }
.pictures.few { grid-template-columns: 1fr 1fr; }
.pictures h3 { grid-column: 1 / -1; margin: .4rem 0 0; overflow-wrap: anywhere; }
figure { margin: 0; }
figure img { width: 100%; display: block; border-radius: 3px; background: #eee; }
figcaption { font-size: .85rem; color: #57606a; padding-top: .2rem; }
pre { background: #f6f8fa; border-radius: 6px; padding: .8rem 1rem; white-space: pre-wrap; }
code { overflow-wrap: anywhere; }
@page { margin: 15mm; }
@media print {
  body { font-size: 10.5px; max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  tr, svg, .verdict, figure { break-inside: avoid; }
  th, td { padding: .2rem .5rem; }
  .wide { overflow: visible; }
  .charts { grid-template-columns: 1fr 1fr; }
  .pictures { grid-template-columns: repeat(5, 1fr); }
}
)";

std::string with_small(const std::string& text, const std::string& low, const std::string& high,
                       bool has_interval) {
  return has_interval ? text + "<small>" + low + " to " + high + "</small>" : text;
}

bool has_interval(const Measured& figure) {
  return std::isfinite(figure.value) && std::isfinite(figure.low) && std::isfinite(figure.high);
}

}  // namespace

std::string_view page_style() { return kStyle; }

std::string percent(double share, int decimals) {
  return std::isfinite(share) ? figure(100 * share, decimals) + kNoBreak + "%" : "-";
}

std::string with_interval(const Measured& value, int decimals) {
  return with_small(figure(value.value, decimals), figure(value.low, decimals),
                    figure(value.high, decimals), has_interval(value));
}

std::string percent_with_interval(const Measured& value) {
  return with_small(percent(value.value), figure(100 * value.low, 1), figure(100 * value.high, 1),
                    has_interval(value));
}

std::string alpha_text(double alpha) {
  if (!std::isfinite(alpha)) return "-";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, alpha);  // shortest that reads back
  return {text, end.ptr};
}

std::string row(const std::vector<std::string>& cells, std::string_view kind,
                std::string_view attributes) {
  std::string out = "<tr" + std::string(attributes) + ">";
  for (const std::string& cell : cells) {
    out.append("<").append(kind).append(">").append(cell);
    out.append("</").append(kind).append(">");
  }
  return out + "</tr>\n";
}

std::string table(const std::string& rows) {
  return "<div class=\"wide\"><table>\n" + rows + "</table></div>\n";
}

std::string section(std::string_view title, const std::string& body) {
  return "<h2>" + escaped(title) + "</h2>\n" + body;
}

std::string paragraph(std::string_view text) { return "<p>" + escaped(text) + "</p>\n"; }

std::string note(const std::string& html) { return "<p class=\"faint\">" + html + "</p>\n"; }

}  // namespace scrim
