#include "repository/model_config.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr const char* kSimple = R"(
  platform: "pytorch_libtorch"
  max_batch_size: 8
  input [{ name: "INPUT0" data_type: TYPE_INT32 dims: [16] },
         { name: "INPUT1" data_type: TYPE_STRING dims: [-1, 2] optional: true }]
  output { name: "OUTPUT0" data_type: TYPE_FP32 dims: 16 label_filename: "labels.txt" }
)";

std::string simple_with(const std::string& more) { return std::string(kSimple) + more; }

TEST(ModelConfig, InputsAndOutputsBecomePlainValues) {
  const ModelConfig config = parse_model_config(kSimple, "simple");
  EXPECT_EQ(config.name, "simple");
  EXPECT_EQ(config.backend, "pytorch");
  EXPECT_EQ(config.max_batch_size, 8);
  ASSERT_EQ(config.inputs.size(), 2U);
  EXPECT_EQ(config.inputs[0].datatype, Datatype::kInt32);
  EXPECT_EQ(config.inputs[0].dims, std::vector<std::int64_t>({16}));
  EXPECT_FALSE(config.inputs[0].optional);
  EXPECT_EQ(config.inputs[1].datatype, Datatype::kBytes);
  EXPECT_EQ(config.inputs[1].dims, std::vector<std::int64_t>({-1, 2}));
  EXPECT_TRUE(config.inputs[1].optional);
  ASSERT_EQ(config.outputs.size(), 1U);
  EXPECT_EQ(config.outputs[0].label_filename, "labels.txt");
  EXPECT_FALSE(config.dynamic_batching);
  EXPECT_EQ(config.instances, 1U);
  EXPECT_EQ(config.version_policy.kind, VersionPolicy::Kind::kLatest);
  EXPECT_EQ(config.version_policy.latest, 1U);
}

TEST(ModelConfig, EveryDatatypeIsKnownByItsName) {
  const std::pair<const char*, Datatype> types[] = {
      {"BOOL", Datatype::kBool},     {"UINT8", Datatype::kUint8},   {"UINT16", Datatype::kUint16},
      {"UINT32", Datatype::kUint32}, {"UINT64", Datatype::kUint64}, {"INT8", Datatype::kInt8},
      {"INT16", Datatype::kInt16},   {"INT32", Datatype::kInt32},   {"INT64", Datatype::kInt64},
      {"FP16", Datatype::kFp16},     {"FP32", Datatype::kFp32},     {"FP64", Datatype::kFp64},
      {"STRING", Datatype::kBytes},  {"BF16", Datatype::kBf16},
  };
  for (const auto& [name, type] : types) {
    const std::string text = std::string("backend: 'pytorch' input { name: 'X' data_type: TYPE_") +
                             name + " dims: 1 } output { name: 'Y' data_type: TYPE_" + name +
                             " dims: 1 }";
    const ModelConfig config = parse_model_config(text, "types");
    EXPECT_EQ(config.inputs[0].datatype, type) << name;
    EXPECT_EQ(config.outputs[0].datatype, type) << name;
  }
}

TEST(ModelConfig, BatchingReadsEveryPolicy) {
  const ModelConfig config = parse_model_config(
      simple_with("dynamic_batching { preferred_batch_size: [2, 4] "
                  "max_queue_delay_microseconds: 70 priority_levels: 2 default_priority_level: 1 "
                  "default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 9 "
                  "allow_timeout_override: true max_queue_size: 3 } "
                  "priority_queue_policy { key: 2 value { max_queue_size: 5 } } }"),
      "simple");
  ASSERT_TRUE(config.dynamic_batching);
  const DynamicBatching& batching = *config.dynamic_batching;
  EXPECT_EQ(batching.preferred_batch_sizes, std::vector<std::int64_t>({2, 4}));
  EXPECT_EQ(batching.max_queue_delay_microseconds, 70U);
  EXPECT_EQ(batching.priority_levels, 2U);
  EXPECT_TRUE(batching.default_policy.delay_expired);
  EXPECT_EQ(batching.default_policy.default_timeout_microseconds, 9U);
  EXPECT_TRUE(batching.default_policy.allow_timeout_override);
  EXPECT_EQ(batching.default_policy.max_queue_size, 3U);
  EXPECT_EQ(batching.policies.at(2).max_queue_size, 5U);
}

TEST(ModelConfig, ParametersWarmupTagsAndVersionsAreKept) {
  const ModelConfig config = parse_model_config(
      simple_with("parameters { key: 'note' value { string_value: '{}' } } "
                  "metric_tags { key: 'team' value: 'faces' } "
                  "version_policy { specific { versions: [3, 1] } } "
                  "instance_group [{ count: 2 }, { count: 3 kind: KIND_CPU }] "
                  "model_warmup { name: 'w' batch_size: 2 count: 3 inputs { key: 'INPUT0' value { "
                  "data_type: TYPE_INT32 dims: 16 random_data: true } } }"),
      "simple");
  EXPECT_EQ(config.parameters.at("note"), "{}");
  EXPECT_EQ(config.metric_tags.at("team"), "faces");
  EXPECT_EQ(config.version_policy.specific, std::vector<std::int64_t>({3, 1}));
  EXPECT_EQ(config.instances, 5U);
  ASSERT_EQ(config.warmups.size(), 1U);
  EXPECT_EQ(config.warmups[0].count, 3U);
  EXPECT_EQ(config.warmups[0].inputs.at("INPUT0").fill, WarmupInput::Fill::kRandom);
}

TEST(ModelConfig, WhatDoesNotParseIsNamedByLineAndField) {
  expect_error(ErrorCode::kInvalidArgument, "line 1, column 11",
               [] { parse_model_config("platform: 3", "m"); });
  expect_error(ErrorCode::kInvalidArgument, "no field named \"flavour\"",
               [] { parse_model_config(simple_with("flavour: 3"), "m"); });
  expect_error(ErrorCode::kInvalidArgument, "not valid",
               [] { parse_model_config(std::string("\0\xff{{{", 6), "m"); });
  expect_error(ErrorCode::kInvalidArgument, "more than 1048576",
               [] { parse_model_config(std::string(2 << 20, ' '), "m"); });
}

TEST(ModelConfig, NumbersOutsideTheirEnumAndTextsOutsideUtf8AreRefusedInSilence) {
  testing::internal::CaptureStderr();  // the library would complain there, were it asked to write
  expect_error(ErrorCode::kInvalidArgument, "data_type has the value 77", [] {
    parse_model_config(simple_with("input { name: 'Z' data_type: 77 dims: 1 }"), "simple");
  });
  expect_error(ErrorCode::kInvalidArgument, "not UTF-8", [] {
    parse_model_config(simple_with("parameters { key: '\\377' value {} }"), "simple");
  });
  expect_error(ErrorCode::kInvalidArgument, "not valid", [] { parse_model_config("x {", "m"); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ModelConfig, AFaultQuotesAtMostAFewWords) {
  const std::string name(100'000, 'x');
  const auto length_of = [](const auto& call) {
    try {
      call();
    } catch (const Error& error) {
      return std::string(error.what()).size();
    }
    return std::size_t{0};
  };
  const std::size_t most = 300;
  const std::size_t of_text = length_of([&] { parse_model_config(name + ": 1", "m"); });
  const std::size_t of_json =
      length_of([&] { parse_model_config_json("{\"" + name + "\": 1}", "m"); });
  EXPECT_GT(of_text, 0U);
  EXPECT_GT(of_json, 0U);
  EXPECT_LT(of_text, most);
  EXPECT_LT(of_json, most);
}

TEST(ModelConfig, BracketsAloneCannotExhaustTheStack) {
  std::string deep;
  for (int i = 0; i < 50'000; ++i) deep += "optimization {";
  expect_error(ErrorCode::kInvalidArgument, "not valid", [&] { parse_model_config(deep, "m"); });
  std::string json;
  for (int i = 0; i < 50'000; ++i) json += "{\"optimization\":";
  expect_error(ErrorCode::kInvalidArgument, "not valid",
               [&] { parse_model_config_json(json, "m"); });
  expect_error(ErrorCode::kInvalidArgument, "not valid",
               [&] { parse_model_config_json(std::string(50'000, '['), "m"); });
}

TEST(ModelConfig, AnOverrideIsTheSameInJson) {
  const ModelConfig from_file = parse_model_config(kSimple, "simple");
  const ModelConfig again = parse_model_config_json(from_file.json, "simple");
  EXPECT_EQ(again.json, from_file.json);
  EXPECT_EQ(again.serialised, from_file.serialised);
  expect_error(ErrorCode::kInvalidArgument, "not valid JSON",
               [] { parse_model_config_json("{bad", "simple"); });
  expect_error(ErrorCode::kInvalidArgument, "not valid JSON",
               [] { parse_model_config_json(R"({"flavour":1})", "simple"); });
}

}  // namespace
}  // namespace scrim
