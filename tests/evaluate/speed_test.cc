#include "support/expect_error.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <scrim/evaluate.h>

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace scrim {
namespace {

// One run serves all tests: each takes seconds.
struct Run {
  std::vector<Progress> seen;
  int threads_before = at::get_num_threads();
  Bench bench = scrim::bench({}, [this](const Progress& progress) { seen.push_back(progress); });
  int threads_after = at::get_num_threads();
};
const Run& noise_run() {
  static const Run run;
  return run;
}
const Bench& noise_bench() { return noise_run().bench; }

bool has_row(const Bench& bench, const std::string& name, const std::string& peer) {
  return std::ranges::any_of(bench.rows, [&](const BenchRow& row) {
    return row.name.starts_with(name) && row.peer.find(peer) != std::string::npos;
  });
}

TEST(Bench, WithoutWeightsTimesTheNoiseAlone) {
  EXPECT_TRUE(has_row(noise_bench(), "noise", "randn_like"));
  EXPECT_TRUE(has_row(noise_bench(), "noise", "normal_"));
  EXPECT_TRUE(has_row(noise_bench(), "noise", "ChaCha20"));
  EXPECT_TRUE(has_row(noise_bench(), "noise, 1920x1080x3, two cores", "one core"));
  EXPECT_EQ(noise_bench().rows.size(), 4U);
}

TEST(Bench, EveryTimeIsPositive) {
  for (const BenchRow& row : noise_bench().rows) {
    EXPECT_GT(row.milliseconds, 0) << row.name << " / " << row.peer;
    EXPECT_GT(row.peer_milliseconds, 0) << row.name << " / " << row.peer;
  }
}

TEST(Bench, SpeedupIsTheRatioOfItsRow) {
  const BenchRow& row = noise_bench().rows.front();
  EXPECT_DOUBLE_EQ(noise_bench().speedup_over_libtorch, row.peer_milliseconds / row.milliseconds);
}

TEST(Bench, LeavesTheThreadsOfTheTensorLibraryAsTheyWere) {
  EXPECT_EQ(noise_run().threads_after, noise_run().threads_before);
}

TEST(Bench, ReportsProgressThatEnds) {
  const std::vector<Progress>& seen = noise_run().seen;
  ASSERT_GT(seen.size(), 1U);
  EXPECT_EQ(seen.front().done, 0);
  EXPECT_EQ(seen.back().done, seen.back().total);
}

TEST(Bench, MissingWeightsAreNotFound) {
  expect_error(ErrorCode::kNotFound, "no-such-file.safetensors",
               [] { bench("no-such-file.safetensors"); });
}

TEST(Bench, WithWeightsTimesHeadTailAndNetworkToo) {
  SCRIM_NEEDS_TEST_DATA("faceboxes/FaceBoxesProd.safetensors");
  const Bench result = bench(test_data("faceboxes/FaceBoxesProd.safetensors"));
  for (const std::string part : {"head", "tail", "network"}) {
    EXPECT_TRUE(has_row(result, part, "libtorch eager")) << part;
  }
}

TEST(Bench, JsonHoldsEveryRow) {
  Bench result;
  result.speedup_over_libtorch = 10.5;
  result.rows = {{"noise", "libtorch", 4, 42, 5.5}, {"head", "libtorch eager", 30, 60, 0}};
  const auto json = nlohmann::json::parse(to_json(result));
  EXPECT_EQ(json["speedup_over_libtorch"], 10.5);
  ASSERT_EQ(json["rows"].size(), 2U);
  EXPECT_EQ(json["rows"][0]["name"], "noise");
  EXPECT_EQ(json["rows"][0]["peer"], "libtorch");
  EXPECT_EQ(json["rows"][0]["milliseconds"], 4.0);
  EXPECT_EQ(json["rows"][0]["peer_milliseconds"], 42.0);
  EXPECT_EQ(json["rows"][0]["limit_milliseconds"], 5.5);
  EXPECT_TRUE(json["rows"][1]["limit_milliseconds"].is_null());
}

}  // namespace
}  // namespace scrim
