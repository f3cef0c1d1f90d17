#include "network/run_script.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <torch/types.h>

#include <thread>

namespace scrim {
namespace {

namespace jit = torch::jit;

jit::Module scripted(const std::string& body) {
  torch::manual_seed(11);
  jit::Module module("Scripted");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_parameter("wide", torch::randn({8, 3, 3, 3}), /*is_buffer=*/false);
  module.register_parameter("bias", torch::randn({8}), /*is_buffer=*/false);
  module.register_parameter("grouped", torch::randn({8, 2, 3, 3}), /*is_buffer=*/false);
  module.register_parameter("up", torch::randn({8, 4, 2, 2}), /*is_buffer=*/false);
  module.register_buffer("mean", torch::randn({8}));
  module.register_buffer("var", torch::rand({8}) + 0.5);
  module.define("def forward(self, x):\n" + body);
  return module;
}

// Convolutions of up to 72 products reordered: relative 1e-5 of the largest value.
void expect_close(const std::vector<at::Tensor>& got, const std::vector<at::Tensor>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].sizes(), expected[i].sizes());
    const double scale = std::max(1.0, expected[i].abs().max().item<double>());
    EXPECT_LE((got[i] - expected[i]).abs().max().item<double>(), 1e-5 * scale);
  }
}

// What networks are made of, and what must not be packed, fused or laid out anew without thought.
const char* const kBodies[] = {
    // convolution, normalisation, activation
    "    y = torch.conv2d(x, self.wide, self.bias, [2, 2], [1, 1])\n"
    "    y = torch.batch_norm(y, None, None, self.mean, self.var, False, 0.1, 1e-5, False)\n"
    "    return torch.relu(y)\n",
    // the convolution is read twice, so the ReLU cannot be fused into it
    "    y = torch.conv2d(x, self.wide, None, [1, 1], [1, 1])\n    return torch.relu(y) + y\n",
    // groups, dilation
    "    y = torch.relu(torch.conv2d(x, self.wide))\n"
    "    return torch.conv2d(y, self.grouped, None, [1, 1], [2, 2], [2, 2], 4)\n",
    // a transposed convolution, and the general form that tracing writes
    "    y = torch.conv2d(x, self.wide)\n"
    "    return torch.conv_transpose2d(y, self.up, None, [2, 2])\n",
    "    y = torch._convolution(x, self.wide, self.bias, [1, 1], [1, 1], [1, 1], False, [0, 0], 1,"
    " False, False, True, True)\n    return torch.relu_(y)\n",
    "    y = torch.conv2d(x, self.wide)\n"
    "    return torch._convolution(y, self.up, None, [2, 2], [0, 0], [1, 1], True, [0, 0], 1,"
    " False, False, True, True)\n",
    // padding by name
    "    return torch.conv2d(x, self.wide, None, [1, 1], \"same\")\n",
    // a graph that looks at the layout
    "    y = torch.relu(torch.conv2d(x, self.wide))\n    return y.view([y.size(0), -1])\n",
    // a convolution in a branch, and one without constant weights
    "    if x.size(2) > 10:\n        y = torch.relu(torch.conv2d(x, self.wide))\n"
    "    else:\n        y = torch.conv2d(x, self.wide)\n    return y\n",
    "    return torch.conv2d(x, self.wide * x.mean())\n",
    // several outputs
    "    y = torch.conv2d(x, self.wide)\n    return y, torch.softmax(y, 1)\n",
    "    y = torch.conv2d(x, self.wide)\n    return [y, y.mean([2, 3])]\n",
};

TEST(PreparedScript, EqualsThePlainScriptForAnySizeAndBatch) {
  for (const char* body : kBodies) {
    SCOPED_TRACE(body);
    const jit::Module module = scripted(body);
    const RunNetwork plain = plain_script(module, "it");
    const RunNetwork prepared = prepared_script(module, "it");
    for (const auto& [batch, height, width] : {std::tuple{1, 16, 16}, {3, 9, 23}, {1, 16, 16}}) {
      const at::Tensor input = torch::randn({batch, 3, height, width});
      expect_close(prepared(input), plain(input));
    }
  }
}

TEST(PreparedScript, LeavesItsInputAsItWas) {
  const RunNetwork prepared = prepared_script(scripted("    return torch.relu(x * 2.0)\n"), "it");
  const at::Tensor input = torch::randn({1, 3, 8, 8});
  const at::Tensor before = input.clone();
  prepared(input);
  EXPECT_TRUE(input.equal(before));
}

TEST(PreparedScript, TwoThreadsGetWhatOneGets) {
  const RunNetwork prepared = prepared_script(scripted(kBodies[0]), "it");
  std::vector<at::Tensor> inputs, expected;
  for (int i = 0; i < 20; ++i) {
    inputs.push_back(torch::randn({1, 3, 20 + i, 33 - i}));
    expected.push_back(prepared(inputs.back()).at(0));
  }
  std::vector<at::Tensor> got(inputs.size());
  const auto every_second = [&](std::size_t first) {
    for (std::size_t i = first; i < inputs.size(); i += 2) got[i] = prepared(inputs[i]).at(0);
  };
  {
    const std::jthread other(every_second, 1U);
    every_second(0);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_TRUE(got[i].allclose(expected[i])) << i;
}

TEST(PreparedScript, RefusesOtherSignatures) {
  jit::Module two("Two");
  two.register_attribute("training", c10::BoolType::get(), false);
  two.define("def forward(self, x, y):\n    return x + y\n");
  expect_error(ErrorCode::kUnsupported, "it does not take exactly one tensor",
               [&] { prepared_script(two, "it"); });
  for (const char* body :
       {"    return x.size(0)\n", "    return {\"x\": x}\n", "    return x, x.size(0)\n"}) {
    expect_error(ErrorCode::kUnsupported, "not tensors",
                 [&] { prepared_script(scripted(body), "it"); });
    expect_error(ErrorCode::kUnsupported, "not tensors",
                 [&] { plain_script(scripted(body), "it"); });
  }
}

TEST(PreparedScript, AnInputThatDoesNotFitIsOneSentence) {
  for (const RunNetwork& run : {prepared_script(scripted(kBodies[0]), "the head"),
                                plain_script(scripted(kBodies[0]), "the head")}) {
    expect_error(ErrorCode::kInvalidArgument, "the head cannot run on this input: ", [&] {
      run(torch::zeros({1, 5, 8, 8}));
    });
  }
}

TEST(PreparedScript, AnExceptionOfTheScriptIsOneSentence) {
  const RunNetwork run =
      plain_script(scripted("    assert x.size(2) <= 10, \"too tall\"\n    return x\n"), "it");
  EXPECT_EQ(run(torch::zeros({1, 3, 10, 8})).size(), 1U);
  expect_error(ErrorCode::kInvalidArgument, "too tall", [&] { run(torch::zeros({1, 3, 11, 8})); });
}

}  // namespace
}  // namespace scrim
