#include "serve/argument_order.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

using Order = std::vector<std::size_t>;
using Names = std::vector<std::string>;

ModelConfig config_of(const Names& inputs, const Names& outputs = {"Y"}) {
  ModelConfig config;
  config.name = "m";
  for (const std::string& name : inputs) config.inputs.emplace_back().name = name;
  for (const std::string& name : outputs) config.outputs.emplace_back().name = name;
  return config;
}

TEST(ArgumentOrder, NamesOfArgumentsComeFirstThenNumbersThenTheConfigsOrder) {
  const Names arguments = {"a", "b"};
  EXPECT_EQ(order_of_inputs(config_of({"b", "a"}), arguments), Order({1, 0}));
  EXPECT_EQ(order_of_inputs(config_of({"X__1", "X__0"}), arguments), Order({1, 0}));
  EXPECT_EQ(order_of_inputs(config_of({"INPUT__0", "B__1"}), arguments), Order({0, 1}));
  EXPECT_EQ(order_of_inputs(config_of({"x", "y"}), arguments), Order({0, 1}));
  EXPECT_EQ(order_of_inputs(config_of({"b", "X__0"}), arguments), Order({0, 1}));
}

TEST(ArgumentOrder, OutputsGoByNumberElseInOrder) {
  EXPECT_EQ(order_of_outputs(config_of({}, {"O__2", "O__0"})), Order({2, 0}));
  EXPECT_EQ(order_of_outputs(config_of({}, {"p", "q"})), Order({0, 1}));
  EXPECT_EQ(order_of_outputs(config_of({}, {"O__x", "O__0"})), Order({0, 1}));
}

TEST(ArgumentOrder, WhatDoesNotFitIsNamed) {
  const auto refuse = [](const Names& inputs, const Names& arguments, const char* part) {
    expect_error(ErrorCode::kInvalidArgument, part,
                 [&] { order_of_inputs(config_of(inputs), arguments); });
  };
  refuse({"a"}, {"a", "b"}, "configuration expects 1 inputs, model provides 2");
  refuse({"X__0", "X__7"}, {"a", "b"}, "has the number 7, and the model 2 arguments");
  refuse({"X__0", "Y__0"}, {"a", "b"}, "are one argument");
  expect_error(ErrorCode::kInvalidArgument, "two outputs", [] {
    order_of_outputs(config_of({}, {"O__1", "P__1"}));
  });
}

}  // namespace
}  // namespace scrim
