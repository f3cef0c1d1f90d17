#include "learn/training_record.h"

#include "base/json.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(TrainingRecord, TellsWhatWasAskedWhatHappenedAndWhatIsKept) {
  LearnOptions options;
  options.alphas = {0.5, 0.9};
  options.encoder = true;
  Promise promise;
  promise.noise.directions = 12;
  promise.realised_alphas = {0.49, 0.91};
  promise.cell_norms = {{1, 2, 3, 4}, {5, 6, 7, 8}};
  TrainingCourse course;
  course.tail.epochs = {{10, 0.7, 0.2}, {20, 0.5, 0.3}};
  course.metric = "AP";
  course.scores = {0.6, 0.4};
  course.skipped = {"a.jpg: not a picture"};
  const std::string text = training_record(options, promise, course);
  EXPECT_EQ(text.back(), '\n');
  const Json record = parse_json(text, "record");
  EXPECT_EQ(record["objective"], "coded");
  EXPECT_EQ(record["alphas"], options.alphas);
  EXPECT_EQ(record["realised_alphas"], promise.realised_alphas);
  EXPECT_EQ(record["encoder"], true);
  EXPECT_EQ(record["directions"], 12);
  EXPECT_EQ(record["cell_norms"][1]["p999"], 7);
  EXPECT_EQ(record["validation"]["scores"], course.scores);
  EXPECT_TRUE(record["adapt_epochs"].is_array() && record["adapt_epochs"].empty());
  EXPECT_EQ(record["tail_epochs"][1]["step"], 20);
  EXPECT_EQ(record["tail_epochs"][1]["score"], 0.3);
  EXPECT_EQ(record["skipped"], course.skipped);
}

}  // namespace
}  // namespace scrim
