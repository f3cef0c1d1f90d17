#include "server/metrics.h"

#include "server/fake_service.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace scrim {
namespace {

ModelStatistics numbers_of(const std::string& model) {
  ModelStatistics numbers;
  numbers.name = model;
  numbers.version = "1";
  numbers.success = {5, 7'000'000};
  numbers.queue = {5, 3'500};
  numbers.failures = {{"REJECTED", 2}, {"BACKEND", 0}};
  numbers.pending = 4;
  numbers.load_seconds = 0.5;
  return numbers;
}

const auto kNoTags = [](const std::string&, const std::string&) {
  return std::map<std::string, std::string>{};
};

TEST(Metrics, NamesLabelsAndUnitsAreTheReferenceServers) {
  const std::string text = metrics_text({numbers_of("m")}, kNoTags);
  for (const char* line :
       {"# TYPE nv_inference_request_success counter",
        "nv_inference_request_success{model=\"m\",version=\"1\"} 5",
        "nv_inference_request_duration_us{model=\"m\",version=\"1\"} 7000",
        "nv_inference_queue_duration_us{model=\"m\",version=\"1\"} 3",
        "nv_inference_request_failure{model=\"m\",reason=\"REJECTED\",version=\"1\"} 2",
        "nv_inference_request_failure{model=\"m\",reason=\"BACKEND\",version=\"1\"} 0",
        "# TYPE nv_inference_pending_request_count gauge",
        "nv_inference_pending_request_count{model=\"m\",version=\"1\"} 4"}) {
    EXPECT_NE(text.find(std::string(line) + "\n"), std::string::npos) << line << "\n" << text;
  }
  EXPECT_NE(text.find("nv_cpu_memory_total_bytes "), std::string::npos);
}

TEST(Metrics, EveryLineParses) {
  const std::regex comment("# (HELP|TYPE) [a-z_]+ .+");
  const std::regex sample(R"re([a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)+\})? [0-9.e+-]+)re");
  std::istringstream lines(metrics_text({numbers_of("m"), numbers_of("a\"b\\c\n")}, kNoTags));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(std::regex_match(line, comment) || std::regex_match(line, sample)) << line;
  }
  EXPECT_GT(count, 30);
}

TEST(Metrics, AModelsOwnTagsStandInFront) {
  const std::string text =
      metrics_text({numbers_of("m")}, [](const std::string&, const std::string&) {
        return std::map<std::string, std::string>{{"team", "faces"}};
      });
  EXPECT_NE(text.find("nv_inference_count{_team=\"faces\",model=\"m\",version=\"1\"} 0"),
            std::string::npos);
}

TEST(Metrics, ThePortAnswersNothingElsewhereAndOnlyToGet) {
  FakeService service;
  service.config = std::make_shared<const ModelConfig>(parse_model_config(identity_config(), "m"));
  service.numbers = {numbers_of("m")};
  MetricsApi api(service);
  const auto ask = [&](const std::string& method, const std::string& target) {
    HttpAnswer answer;
    api.handle({{method, target, {}}, std::make_shared<const std::string>(), {}},
               [&](HttpAnswer given) { answer = std::move(given); });
    return answer;
  };
  EXPECT_NE(ask("GET", "/metrics").body.find("nv_inference_count"), std::string::npos);
  EXPECT_NE(ask("GET", "/metrics/?x").body.find("nv_inference_count"), std::string::npos);
  EXPECT_EQ(ask("GET", "/metrics").content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(ask("GET", "/").status, 200);
  EXPECT_EQ(ask("GET", "/").body, "");
  EXPECT_EQ(ask("POST", "/metrics").status, 405);
  EXPECT_EQ(api.plan({}).body_limit, 0U);
  EXPECT_EQ(api.too_large({}, 0).status, 400);
}

}  // namespace
}  // namespace scrim
