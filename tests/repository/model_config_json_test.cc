#include "repository/model_config_json.h"

#include "repository/model_config.h"
#include "support/expect_error.h"
#include "support/golden_answers.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scrim {
namespace {

using nlohmann::ordered_json;

TEST(ModelConfigJson, EveryFieldIsThereInOrderAndOnlyChoicesThatWereMade) {
  inference::ModelConfig config;
  config.set_name("m");
  const auto json = ordered_json::parse(config_json(config));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys,
            std::vector<std::string>(
                {"name", "platform", "backend", "runtime", "max_batch_size", "input", "output",
                 "batch_input", "batch_output", "instance_group", "default_model_filename",
                 "cc_model_filenames", "metric_tags", "parameters", "model_warmup"}));
  EXPECT_TRUE(json["parameters"].is_object());
  EXPECT_TRUE(json["input"].is_array());
}

TEST(ModelConfigJson, SixtyFourBitsAreNumbersAndEnumsAreNames) {
  inference::ModelConfig config;
  auto& input = *config.add_input();
  input.set_data_type(inference::TYPE_FP16);
  input.add_dims(9'007'199'254'740'993);
  (*config.mutable_metric_tags())["b"] = "2";
  (*config.mutable_metric_tags())["a"] = "1";
  config.mutable_dynamic_batching()->set_max_queue_delay_microseconds(~0ULL);
  const std::string text = config_json(config);
  EXPECT_NE(text.find("\"dims\":[9007199254740993]"), std::string::npos) << text;
  EXPECT_NE(text.find("\"data_type\":\"TYPE_FP16\""), std::string::npos) << text;
  EXPECT_NE(text.find("18446744073709551615"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("metric_tags":{"a":"1","b":"2"})"), std::string::npos) << text;
}

TEST(ModelConfigJson, WhatNoClientCanReadIsRefusedByItsField) {
  inference::ModelConfig config;
  config.set_name("m");
  config.add_input()->set_data_type(static_cast<inference::DataType>(77));
  expect_error(ErrorCode::kInvalidArgument,
               "model 'm': field data_type has the value 77, which DataType does not have",
               [&] { config_json(config); });
  config.clear_input();
  (*config.mutable_parameters())["key"].set_string_value("\xff");
  expect_error(ErrorCode::kInvalidArgument,
               "field string_value of ModelParameter holds a text that is not UTF-8",
               [&] { config_json(config); });
}

TEST(ModelConfigJson, RecordedConfigsComeOutLetterByLetter) {
  const std::vector<std::string> lines = golden_answers();
  if (lines.empty()) GTEST_SKIP() << "SCRIM_SERVING_GOLDEN names no recorded answers";
  int compared = 0;
  for (const std::string& line : lines) {
    const auto recorded = ordered_json::parse(line);
    const std::string call = recorded.value("path", "");
    if (!call.ends_with("/config") || recorded["status"] != 200) continue;
    const std::string text = recorded["resp"];
    EXPECT_EQ(parse_model_config_json(text, "simple").json, text);
    ++compared;
  }
  EXPECT_GE(compared, 2);
}

}  // namespace
}  // namespace scrim
