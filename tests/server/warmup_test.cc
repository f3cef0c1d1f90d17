#include "server/warmup.h"

#include "server/small_models.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

ModelConfig config_warmed(const std::string& warmup) {
  return parse_model_config(identity_config("model_warmup { name: 'w' " + warmup + " }"), "m");
}

std::vector<TensorMessage> inputs_of(const std::string& warmup,
                                     const std::filesystem::path& folder = {}) {
  const ModelConfig config = config_warmed(warmup);
  return warmup_inputs(config.warmups.at(0), config, folder);
}

std::string input(const std::string& fill, const std::string& type = "FP32") {
  return "batch_size: 2 inputs { key: 'INPUT0' value { data_type: TYPE_" + type + " dims: 3 " +
         fill + " } }";
}

TEST(Warmup, ZerosAndRandomNumbersHaveTheBatchInFront) {
  const auto zeros = inputs_of(input("zero_data: true"));
  ASSERT_EQ(zeros.size(), 1U);
  EXPECT_EQ(zeros[0].shape, std::vector<std::int64_t>({2, 3}));
  EXPECT_EQ(values_of<float>(zeros[0].bytes.view()), std::vector<float>(6));
  const auto random = values_of<float>(inputs_of(input("random_data: true"))[0].bytes.view());
  ASSERT_EQ(random.size(), 6U);
  for (const float value : random) EXPECT_TRUE(std::isfinite(value) && value != 0);
}

TEST(Warmup, AFileIsTakenAsItIs) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "warmup");
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  write_file_atomically(folder / "warmup" / "data", bytes_of(values));
  const auto inputs = inputs_of(input("input_data_file: 'data'"), folder.path());
  EXPECT_EQ(values_of<float>(inputs[0].bytes.view()), values);
}

TEST(Warmup, WhatDoesNotFitIsNamed) {
  const auto refuse = [](const std::string& warmup, const char* part) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] { inputs_of(warmup); });
  };
  refuse("", "has no input 'INPUT0'");
  refuse(input("zero_data: true", "INT32"), "is INT32 and the model expects FP32");
  refuse("batch_size: 99 " + input("zero_data: true").substr(14), "batch of 99");
  refuse(input("input_data_file: '../secret'"), "outside its model");
  refuse(input("zero_data: true") +
             " inputs { key: 'Z' value { data_type: TYPE_FP32 dims: 1 zero_data: true } }",
         "has 2 inputs, of which the model knows 1");
}

}  // namespace
}  // namespace scrim
