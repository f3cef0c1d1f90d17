#include "audit/report_pictures.h"

#include "audit/sample_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ReportPictures, ShowInputCleanAndEachAlpha) {
  const std::vector<ReportPicture> pictures = report_pictures(sample_audit());
  ASSERT_EQ(pictures.size(), 1U);
  std::vector<std::string> captions;
  for (const ReportPanel& panel : pictures[0].panels) captions.push_back(panel.caption);
  EXPECT_THAT(captions, testing::ElementsAre("the picture", "rebuilt, no noise",
                                             "rebuilt, alpha 0.5", "rebuilt, alpha 0.95"));
}

TEST(ReportPictures, LeaveOutPanelsWithoutAPicture) {
  const std::string rows = picture_rows({{"a", {{"there", grey(8, 8)}, {"not there", {}}}}});
  EXPECT_EQ(count(rows, "<figure>"), 1U);
  EXPECT_THAT(rows, Not(HasSubstr("not there")));
}

// 4000 x 3000 pixels of noise would be megabytes: the page keeps 480 x 360 of them.
TEST(ReportPictures, AreMadeSmallEnoughForAPage) {
  Image noise = grey(4000, 3000);
  for (std::size_t i = 0; i < noise.pixels.size(); ++i) {
    noise.pixels[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13U);
  }
  EXPECT_LT(picture_rows({{"a", {{"b", noise}}}}).size(), 480U * 360U * 3U);
}

}  // namespace
}  // namespace scrim
