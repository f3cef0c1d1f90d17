#include <scrim/audit.h>
#include <scrim/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

Image grey(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 128)};
}

ReportContents contents() {
  ReportContents c;
  c.title = "Faces <of> a & b";
  c.created = "2025-03-31";
  c.manifest.model = "faceboxes";
  c.manifest.split_point = "inception3";
  c.manifest.release_id = "00ff<";
  c.alpha = 0.8;
  c.bits_per_element = 0.161;
  c.channels = 128;
  c.cells = 1102;
  c.protocol = "PASCAL";
  c.folds = {{.clean = 0.5, .noisy = 0.45}, {.clean = 0, .noisy = 0}};
  c.mean = {.clean = 0.25, .noisy = 0.225};
  c.clean_leakage = {.psnr = 20.3, .unexplained_variance = 0.25, .pictures = 8};
  c.noisy_leakage = {.psnr = 14.6, .unexplained_variance = 0.75, .pictures = 8};
  c.pictures = {
      {.name = "<img onerror=x>",
       .input = grey(60, 40),
       .clean_detections = {{{5, 5, 20, 20}, 0.9F}},
       .noisy_detections = {{{5, 5, 20, 20}, 0.9F}, {{30, 5, 40, 20}, 0.7F}, {{1, 1, 9, 9}, 0.1F}},
       .clean_reconstruction = grey(12, 8),
       .noisy_reconstruction = grey(12, 8)}};
  c.seconds = {{"learn <fast>", 61.04}};
  c.commands = {"scrim demo && rm \"x\""};
  return c;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

TEST(Report, ReachesForNothingOutsideItself) {
  const std::string page = html_report(contents());
  for (const char* outside :
       {"http:", "https:", "<script", "<link", "@import", "url(", "<iframe"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_EQ(count(page, "src=\""), count(page, "src=\"data:image/jpeg;base64,"));
  EXPECT_EQ(count(page, "src=\""), 4U);
}

TEST(Report, EscapesEveryTextThatItIsGiven) {
  const std::string page = html_report(contents());
  EXPECT_THAT(page, Not(HasSubstr("<of>")));
  EXPECT_THAT(page, Not(HasSubstr("<img onerror")));
  EXPECT_THAT(page, Not(HasSubstr("<fast>")));
  EXPECT_THAT(page, Not(HasSubstr("00ff<")));
  EXPECT_THAT(page, HasSubstr("Faces &lt;of&gt; a &amp; b"));
  EXPECT_THAT(page, HasSubstr("scrim demo &amp;&amp; rm &quot;x&quot;"));
}

TEST(Report, ShowsAccuracyWithWhatIsKept) {
  const std::string page = html_report(contents());
  EXPECT_THAT(page, HasSubstr("<td>1</td><td>0.5000</td><td>0.4500</td><td>90.0&#8239;%</td>"));
  EXPECT_THAT(page, HasSubstr("<td>2</td><td>0.0000</td><td>0.0000</td><td>-</td>"));
  EXPECT_THAT(page, HasSubstr("<td>mean</td><td>0.2500</td><td>0.2250</td><td>90.0&#8239;%</td>"));
}

// .161 bits an element, 128 channels, 1102 cells: 20.608 bits a cell, 22,710 a picture.
TEST(Report, CountsBitsPerElementCellAndPicture) {
  const std::string page = html_report(contents());
  EXPECT_THAT(page, HasSubstr("<td>0.1610</td>"));
  EXPECT_THAT(page, HasSubstr("<td>20.61</td>"));
  EXPECT_THAT(page, HasSubstr("<td>22710</td>"));
}

TEST(Report, NamesTheProtocolBesideTheFigures) {
  EXPECT_THAT(html_report(contents()), HasSubstr("PASCAL. The interval"));
}

TEST(Report, CountsTheFacesThatItDraws) {
  const std::string page = html_report(contents());
  EXPECT_THAT(page, HasSubstr("without obfuscation: 1 face<"));
  EXPECT_THAT(page, HasSubstr("with obfuscation: 2 faces<"));
}

TEST(Report, SaysWhatItDoesNotProve) {
  const std::string page = html_report(contents());
  EXPECT_THAT(page, HasSubstr("An attack that fails proves nothing beyond itself"));
  EXPECT_THAT(page, HasSubstr("2025-03-31"));
  for (const char* promise : {"anonymous", "irreversible", "secure"}) {
    EXPECT_THAT(page, Not(HasSubstr(promise)));
  }
}

TEST(Report, OpensAndClosesTheSameTags) {
  const std::string page = html_report(contents());
  for (const std::string tag :
       {"table", "div", "p", "ul", "li", "h1", "h2", "h3", "figure", "pre", "tr"}) {
    const std::size_t opened = count(page, "<" + tag + ">") + count(page, "<" + tag + " ");
    EXPECT_EQ(opened, count(page, "</" + tag + ">")) << tag;
  }
}

TEST(Report, RefusesAnAlphaThatIsNone) {
  ReportContents c = contents();
  c.alpha = 1;
  EXPECT_THROW(html_report(c), Error);
}

}  // namespace
}  // namespace scrim
