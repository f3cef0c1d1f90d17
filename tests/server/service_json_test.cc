#include "server/service_json.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(ServiceJson, MetadataIsCompactAndInTheProtocolsOrder) {
  EXPECT_EQ(to_json(ServerMetadata{"scrim", "1", {"statistics"}}),
            R"({"name":"scrim","version":"1","extensions":["statistics"]})");
  ModelMetadata model{"m", {"1", "3"}, "pytorch_libtorch", {}, {}};
  model.inputs.push_back({"X", Datatype::kInt32, {-1, 16}});
  EXPECT_EQ(to_json(model),
            R"({"name":"m","versions":["1","3"],"platform":"pytorch_libtorch",)"
            R"("inputs":[{"name":"X","datatype":"INT32","shape":[-1,16]}],"outputs":[]})");
}

TEST(ServiceJson, TheIndexLeavesOutWhatIsEmpty) {
  EXPECT_EQ(to_json(std::vector<IndexEntry>{
                {"a", "", "", ""}, {"b", "1", "READY", ""}, {"b", "2", "UNAVAILABLE", "unloaded"}}),
            R"([{"name":"a"},{"name":"b","version":"1","state":"READY"},)"
            R"({"name":"b","version":"2","state":"UNAVAILABLE","reason":"unloaded"}])");
  EXPECT_EQ(to_json(std::vector<IndexEntry>{}), "[]");
}

TEST(ServiceJson, StatisticsHaveExactlyTheProtocolsFields) {
  ModelStatistics numbers;
  numbers.name = "m";
  numbers.version = "1";
  numbers.last_inference_ms = 5;
  numbers.inference_count = 6;
  numbers.execution_count = 7;
  numbers.success = {8, 9};
  numbers.batches.push_back({2, {1, 2}, {3, 4}, {5, 6}});
  EXPECT_EQ(
      to_json(std::vector<ModelStatistics>{numbers}),
      R"({"model_stats":[{"name":"m","version":"1","last_inference":5,"inference_count":6,)"
      R"("execution_count":7,"inference_stats":{"success":{"count":8,"ns":9},)"
      R"("fail":{"count":0,"ns":0},"queue":{"count":0,"ns":0},"compute_input":{"count":0,"ns":0},)"
      R"("compute_infer":{"count":0,"ns":0},"compute_output":{"count":0,"ns":0},)"
      R"("cache_hit":{"count":0,"ns":0},"cache_miss":{"count":0,"ns":0}},"response_stats":{},)"
      R"("batch_stats":[{"batch_size":2,"compute_input":{"count":1,"ns":2},)"
      R"("compute_infer":{"count":3,"ns":4},"compute_output":{"count":5,"ns":6}}],)"
      R"("memory_usage":[]}]})");
}

TEST(ServiceJson, BytesThatAreNoTextDoNotStopAnAnswer) {
  EXPECT_NE(to_json(std::vector<IndexEntry>{{"\xff", "", "", ""}}).find("name"), std::string::npos);
}

}  // namespace
}  // namespace scrim
