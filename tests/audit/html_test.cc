#include "audit/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

TEST(Html, EscapesWhatCouldOpenATagOrLeaveAnAttribute) {
  EXPECT_EQ(escaped("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;");
  EXPECT_EQ(escaped("Zo\xC3\xAB 80 %"), "Zo\xC3\xAB 80 %");
  EXPECT_EQ(escaped(""), "");
}

TEST(Html, FiguresHaveTheAskedDecimalsAndNeverAName) {
  EXPECT_EQ(figure(0.80649, 3), "0.806");
  EXPECT_EQ(figure(-2, 0), "-2");
  EXPECT_EQ(figure(1e300, 1).size(), 303U);
  EXPECT_EQ(figure(std::numeric_limits<double>::quiet_NaN(), 2), "-");
  EXPECT_EQ(figure(std::numeric_limits<double>::infinity(), 2), "-");
}

TEST(Html, PictureTagHoldsTheJpegItself) {
  const Image image{16, 16, std::vector<std::uint8_t>(16 * 16 * 3, 80)};
  const std::string tag = picture_tag(image, "a \"b\"");
  // FF D8 FF, the start of every JPEG, is /9j/ in base 64.
  EXPECT_THAT(
      tag, testing::StartsWith("<img alt=\"a &quot;b&quot;\" src=\"data:image/jpeg;base64,/9j/"));
  EXPECT_THAT(tag, testing::EndsWith("\">"));
}

}  // namespace
}  // namespace scrim
