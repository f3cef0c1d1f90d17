#include <scrim/status.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

namespace scrim {
namespace {

using Style = ProgressPrinter::Style;

// A printer on a string, with a clock that the test moves.
class Printed {
 public:
  explicit Printed(Style style, int columns = 80)
      : printer_(out_, style, columns, [this] { return now_; }) {}

  void report(const std::string& stage, std::int64_t done, std::int64_t total,
              const std::string& note = "") {
    printer_({stage, done, total, note});
  }
  void report_milestone(const std::string& stage, std::int64_t done, std::int64_t total,
                        const std::string& note) {
    printer_({stage, done, total, note, /*milestone=*/true});
  }
  void wait(double seconds) {
    now_ += std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(seconds));
  }
  void finish() { printer_.finish(); }
  std::string text() const { return out_.str(); }
  std::vector<std::string> split(char mark) const {
    std::vector<std::string> parts;
    std::istringstream in(text());
    for (std::string part; std::getline(in, part, mark);) parts.push_back(part);
    return parts;
  }

 private:
  std::ostringstream out_;
  std::chrono::steady_clock::time_point now_{};
  ProgressPrinter printer_;
};

TEST(ProgressLines, BeginEveryTenSecondsAndEnd) {
  Printed printed(Style::kLines);
  for (int done = 0; done <= 100; ++done) {
    printed.report("adapt", done, 100, "loss 3.21");
    printed.wait(0.25);
  }
  EXPECT_EQ(printed.split('\n'),
            (std::vector<std::string>{"adapt: 0 of 100 (0 %), loss 3.21",
                                      "adapt: 40 of 100 (40 %), ETA 0:15, loss 3.21",
                                      "adapt: 80 of 100 (80 %), ETA 0:05, loss 3.21",
                                      "adapt: 100 of 100 (100 %), in 0:25, loss 3.21"}));
}

TEST(ProgressLines, HaveNoCarriageReturn) {
  Printed printed(Style::kLines);
  for (int done = 0; done <= 50; ++done) {
    printed.report(done < 25 ? "first" : "second", done, 50);
    printed.wait(3);
  }
  EXPECT_EQ(printed.text().find('\r'), std::string::npos);
}

TEST(ProgressLines, EachStageBeginsItsOwnClock) {
  Printed printed(Style::kLines);
  printed.report("first", 0, 10);
  printed.wait(100);
  printed.report("first", 10, 10);
  printed.report("second", 0, 10);
  printed.wait(10);
  printed.report("second", 5, 10);
  EXPECT_EQ(printed.split('\n').back(), "second: 5 of 10 (50 %), ETA 0:10");
}

TEST(ProgressLines, ResumedWorkCountsOnlyItsOwnSeconds) {
  Printed printed(Style::kLines);
  printed.report("adapt", 50, 100);
  printed.wait(10);
  printed.report("adapt", 60, 100);  // 1 step a second; 40 are left
  EXPECT_EQ(printed.split('\n').back(), "adapt: 60 of 100 (60 %), ETA 0:40");
}

TEST(ProgressLines, UnknownTotalShowsCountAndTime) {
  Printed printed(Style::kLines);
  printed.report("read", 0, 0);
  printed.wait(3725);
  printed.report("read", 812, 0);
  EXPECT_EQ(printed.split('\n'), (std::vector<std::string>{"read: 0, 0:00", "read: 812, 1:02:05"}));
}

TEST(ProgressLines, TheEndIsSaidOnce) {
  Printed printed(Style::kLines);
  printed.report("adapt", 1, 1);
  printed.report("adapt", 1, 1);
  EXPECT_EQ(printed.split('\n'), std::vector<std::string>{"adapt: 1 of 1 (100 %), in 0:00"});
  printed.report("adapt", 0, 1);  // the same work again
  EXPECT_EQ(printed.split('\n').size(), 2U);
}

TEST(ProgressLines, CountsOutOfRangeAreBrought) {
  Printed printed(Style::kLines);
  printed.report("a", -5, 10);
  printed.report("a", 15, 10);
  printed.report("b", 3, -1);
  EXPECT_EQ(
      printed.split('\n'),
      (std::vector<std::string>{"a: 0 of 10 (0 %)", "a: 10 of 10 (100 %), in 0:00", "b: 3, 0:00"}));
}

TEST(ProgressBar, ShowsShareTimeLeftAndNote) {
  Printed printed(Style::kBar);
  printed.report("adapt", 0, 4);
  printed.wait(60);
  printed.report("adapt", 2, 4, "loss 3.21");
  EXPECT_EQ(printed.split('\r').back(),
            "adapt  [===========>            ]  50 %  ETA 1:00  loss 3.21");
}

TEST(ProgressBar, RedrawsAtMostTenTimesASecond) {
  Printed printed(Style::kBar);
  for (int i = 0; i < 10'000; ++i) {
    printed.report("adapt", i, 10'000);
    printed.wait(0.001);
  }
  printed.report("adapt", 10'000, 10'000);
  const auto text = printed.text();
  const auto redraws = std::ranges::count(text, '\r');
  EXPECT_GE(redraws, 90);
  EXPECT_LE(redraws, 102);  // 10 s at ten a second, begin and end
}

TEST(ProgressBar, EndsItsLineWhenTheStageEnds) {
  Printed printed(Style::kBar);
  printed.report("first", 1, 2);
  printed.report("second", 0, 2);  // the first never ended
  printed.report("second", 2, 2);
  EXPECT_EQ(std::ranges::count(printed.text(), '\n'), 2);
  EXPECT_EQ(printed.text().back(), '\n');
}

TEST(ProgressBar, FinishEndsAnOpenLineOnly) {
  Printed printed(Style::kBar);
  printed.finish();
  EXPECT_EQ(printed.text(), "");
  printed.report("adapt", 1, 2);
  printed.finish();
  printed.finish();
  EXPECT_EQ(std::ranges::count(printed.text(), '\n'), 1);
}

// What stays on the line after a shorter text must be blanks.
TEST(ProgressBar, ShorterTextCoversTheLonger) {
  Printed printed(Style::kBar);
  printed.report("adapt", 0, 10, "a long note of many words");
  printed.wait(1);
  printed.report("adapt", 1, 10);
  const auto draws = printed.split('\r');
  ASSERT_EQ(draws.size(), 3U);  // nothing before the first return
  EXPECT_GE(draws[2].size(), draws[1].size());
}

TEST(ProgressBar, NeverReachesTheLastColumn) {
  for (int columns = 2; columns <= 100; ++columns) {
    Printed printed(Style::kBar, columns);
    for (int done = 0; done <= 10; ++done) {
      printed.report("evaluate, noisy", done, 10, "AP .812 of eight hundred pictures");
      printed.wait(70);
    }
    for (std::string draw : printed.split('\r')) {
      while (!draw.empty() && draw.back() == '\n') draw.pop_back();
      EXPECT_LT(draw.size(), static_cast<std::size_t>(columns));
    }
  }
}

TEST(ProgressBar, NarrowTerminalsLoseTheNoteThenTheBarThenTheTime) {
  const auto shown_at = [](int columns) {
    Printed printed(Style::kBar, columns);
    printed.report("adapt", 0, 4);
    printed.wait(60);
    printed.report("adapt", 2, 4, "loss 3.21");
    std::string text = printed.split('\r').back();
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  EXPECT_EQ(shown_at(58), "adapt  [===========>            ]  50 %  ETA 1:00");
  EXPECT_EQ(shown_at(40), "adapt  50 %  ETA 1:00  loss 3.21");
  EXPECT_EQ(shown_at(30), "adapt  50 %  ETA 1:00");
  EXPECT_EQ(shown_at(14), "adapt  50 %");
  EXPECT_EQ(shown_at(4), "ada");
}

TEST(ProgressBar, MilestoneStaysOnALineOfItsOwn) {
  Printed printed(Style::kBar);
  printed.report("tail", 1, 10);
  printed.report_milestone("tail", 5, 10, "AP .9");  // at once, whenever the last one was
  printed.wait(1);
  printed.report("tail", 6, 10);
  const std::vector<std::string> lines = printed.split('\n');
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("AP .9"), std::string::npos);
  EXPECT_NE(lines[1].find("60 %"), std::string::npos);
}

TEST(ProgressLines, MilestoneIsPrintedHoweverSoonItComes) {
  Printed printed(Style::kLines);
  printed.report("tail", 1, 10);
  printed.report("tail", 2, 10);
  printed.report_milestone("tail", 3, 10, "AP .9");
  ASSERT_EQ(printed.split('\n').size(), 2U);
  EXPECT_NE(printed.split('\n')[1].find("AP .9"), std::string::npos);
}

TEST(ProgressBar, CutsBetweenCharacters) {
  Printed printed(Style::kBar, 3);
  printed.report("\xc3\xa9\xc3\xa9", 0, 2);  // two characters of two bytes, room for two bytes
  EXPECT_EQ(printed.text(), "\r\xc3\xa9");
  Printed narrower(Style::kBar, 2);
  narrower.report("\xc3\xa9", 0, 2);  // room for half of it
  EXPECT_EQ(narrower.text(), "\r");
}

TEST(ProgressStyle, IsLinesWhereThereIsNoTerminal) {
  const int file = ::open("/dev/null", O_WRONLY);
  EXPECT_EQ(ProgressPrinter::style_for(file), Style::kLines);
  EXPECT_EQ(ProgressPrinter::style_for(-1), Style::kLines);
  EXPECT_EQ(ProgressPrinter::columns_of(file), ProgressPrinter::kDefaultColumns);
  ::close(file);
}

}  // namespace
}  // namespace scrim
