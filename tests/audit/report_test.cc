#include "audit/sample_report.h"

#include <scrim/status.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Report, ReachesForNothingOutsideItself) {
  const std::string page = html_report(sample_report());
  for (const char* outside :
       {"http:", "https:", "<script", "<link", "@import", "url(", "<iframe"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_EQ(count(page, "src=\""), count(page, "src=\"data:image/jpeg;base64,"));
  EXPECT_EQ(count(page, "src=\""), 4U);
}

TEST(Report, EscapesEveryTextThatItIsGiven) {
  ReportContents c = sample_report();
  c.accuracy_name = "<ap>";
  c.accuracy_protocol = "<protocol>";
  c.accuracy_source = "<source>";
  c.manifest.model = "<model>";
  c.manifest.split_point = "<split>";
  c.audit.attacks.front().attacker = "<attacker>";
  c.audit.attacks.front().attribute = "<attribute>";
  const std::string page = html_report(c);
  for (const char* tag :
       {"<of>", "<img onerror", "<fast>", "00ff<c", "<pool2>", "<mask>", "<ap>", "<protocol>",
        "<source>", "<model>", "<split>", "<attacker>", "<attribute>"}) {
    EXPECT_THAT(page, Not(HasSubstr(tag)));
  }
  EXPECT_THAT(page, HasSubstr("Faces &lt;of&gt; a &amp; b"));
  EXPECT_THAT(page, HasSubstr("scrim audit faces.scrim &amp;&amp; rm &quot;x&quot;"));
}

TEST(Report, SaysWhatItDoesNotProve) {
  const std::string page = html_report(sample_report());
  EXPECT_THAT(page, HasSubstr("An attack that fails proves nothing beyond itself"));
  EXPECT_THAT(page, HasSubstr("2025-03-31"));
  for (const char* promise : {"anonymous", "irreversible", "secure"}) {
    EXPECT_THAT(page, Not(HasSubstr(promise)));
  }
}

TEST(Report, OpensAndClosesTheSameTags) {
  const std::string page = html_report(sample_report());
  for (const std::string tag : {"table", "div", "p", "ul", "li", "h1", "h2", "h3", "figure", "pre",
                                "tr", "td", "th", "small", "svg", "text", "code", "b"}) {
    const std::size_t opened = count(page, "<" + tag + ">") + count(page, "<" + tag + " ");
    EXPECT_EQ(opened, count(page, "</" + tag + ">")) << tag;
  }
}

TEST(Report, NamesCommandsHashesAndPicturesToRepeatIt) {
  const std::string page = html_report(sample_report());
  EXPECT_THAT(page, HasSubstr("<code>ab12</code>"));
  EXPECT_THAT(page, HasSubstr("Audited: 7 pictures; the attackers learned from 9 others"));
}

TEST(Report, OfAnEmptyAuditIsStillAPage) {
  const std::string page = html_report({});
  EXPECT_THAT(page, HasSubstr("No controls were run"));
  EXPECT_THAT(page, HasSubstr("</html>"));
}

TEST(Report, RefusesAnAlphaThatIsNone) {
  ReportContents c = sample_report();
  c.audit.capacity.back().alpha = 1;
  EXPECT_THROW(html_report(c), Error);
}

}  // namespace
}  // namespace scrim
