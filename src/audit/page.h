// The look of the report's page, and the pieces that its parts are written with.
#pragma once

#include <scrim/audit.h>

#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// Between a number and its unit.
inline constexpr const char* kNoBreak = "&#8239;";

// The style sheet, screen and print.
std::string_view page_style();

// "64.2 %"; "-" if the share is not finite.
std::string percent(double share, int decimals = 1);
// A figure with its interval in small print below it: "0.606", "0.582 to 0.631". "-" if it was not
// measured; no interval where it has none.
std::string with_interval(const Measured& figure, int decimals);
std::string percent_with_interval(const Measured& figure);
// An alpha as it is written everywhere: "0.95", with the decimals that it needs.
std::string alpha_text(double alpha);

// One row; the cells hold HTML. `kind` is "td" or "th", `attributes` as in " class=\"total\"".
std::string row(const std::vector<std::string>& cells, std::string_view kind = "td",
                std::string_view attributes = "");
// A table that scrolls by itself on a narrow screen.
std::string table(const std::string& rows);
std::string section(std::string_view title, const std::string& body);
// A paragraph; the text is escaped here, `html` is not.
std::string paragraph(std::string_view text);
std::string note(const std::string& html);

}  // namespace scrim
