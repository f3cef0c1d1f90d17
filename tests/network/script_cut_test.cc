#include "network/script_cut.h"

#include "network/script_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <torch/types.h>

namespace scrim {
namespace {

namespace jit = torch::jit;

// A module with one parameter `weight` (1 number) and the forward given.
jit::Module module_with(const std::string& class_name, float weight, const std::string& body) {
  jit::Module module(class_name);
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_parameter("weight", torch::full({1}, weight), /*is_buffer=*/false);
  module.define("def forward(self, x):\n" + body);
  return module;
}

jit::Module layer(const std::string& class_name, float weight) {
  return module_with(class_name, weight, "    return torch.relu(x * self.weight + 1.0)\n");
}

// Children first, second and third, and the forward given.
jit::Module network_with(const std::string& body) {
  jit::Module network("Network");
  network.register_attribute("training", c10::BoolType::get(), false);
  network.register_module("first", layer("First", 2));
  network.register_module("second", layer("Second", 3));
  network.register_module("third", layer("Third", 5));
  network.define("def forward(self, x):\n" + body);
  return network;
}

jit::Module chain() {
  return network_with(
      "    return self.third.forward(torch.neg(self.second.forward(self.first.forward(x))) + "
      "20.0)\n");
}

torch::Tensor run_cut(jit::Module module, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  return module.forward({input}).toTensor();
}

void expect_unsupported(const std::string& part, const jit::Module& module,
                        const std::string& name) {
  expect_error(ErrorCode::kUnsupported, part, [&] { cut_script(module, name); });
}

TEST(CutScript, HeadThenTailIsTheWholeAtEveryModule) {
  const jit::Module whole = chain();
  const torch::Tensor input = torch::tensor({-1.0F, 0.25F, 2.0F});
  const torch::Tensor expected = run_cut(whole, input);
  for (const std::string name : {"first", "second", "third"}) {
    const ScriptHalves halves = cut_script(whole, name);
    EXPECT_TRUE(run_cut(halves.tail, run_cut(halves.head, input)).equal(expected)) << name;
  }
}

TEST(CutScript, TheHeadEndsWithTheNamedModule) {
  const ScriptHalves halves = cut_script(chain(), "second");
  // relu(3 relu(2 x + 1) + 1) at x = 1
  EXPECT_FLOAT_EQ(run_cut(halves.head, torch::ones({1})).item<float>(), 10.0F);
}

TEST(CutScript, EachHalfHoldsItsOwnWeightsAlone) {
  const ScriptHalves halves = cut_script(chain(), "second");
  EXPECT_EQ(halves.head.parameters().size(), 2U);
  ASSERT_EQ(halves.tail.parameters().size(), 1U);
  EXPECT_EQ((*halves.tail.parameters().begin()).item<float>(), 5.0F);
}

TEST(CutScript, TheHalvesCanBeSavedAndLoaded) {
  const TemporaryFolder folder;
  const ScriptHalves halves = cut_script(chain(), "first");
  save_script(halves.head, folder / "head.pt");
  save_script(halves.tail, folder / "tail.pt");
  const torch::Tensor input = torch::randn({4});
  const torch::Tensor activation = run_cut(load_script(folder / "head.pt"), input);
  EXPECT_TRUE(run_cut(load_script(folder / "tail.pt"), activation).equal(run_cut(chain(), input)));
}

TEST(CutScript, ATailCanStillBeTrained) {
  ScriptHalves halves = cut_script(chain(), "second");
  for (torch::Tensor parameter : halves.tail.parameters()) parameter.set_requires_grad(true);
  halves.tail.forward({torch::ones({1})}).toTensor().sum().backward();
  for (const torch::Tensor& parameter : halves.tail.parameters()) {
    EXPECT_TRUE(parameter.grad().defined());
  }
}

TEST(CutScript, CutsInsideANestedModule) {
  jit::Module outer("Outer");
  outer.register_attribute("training", c10::BoolType::get(), false);
  outer.register_module("backbone", chain());
  outer.define("def forward(self, x):\n    return torch.exp(self.backbone.forward(x * 0.5))\n");
  const torch::Tensor input = torch::tensor({-1.0F, 0.25F, 2.0F});
  const ScriptHalves halves = cut_script(outer, "backbone.second");
  EXPECT_TRUE(run_cut(halves.tail, run_cut(halves.head, input)).equal(run_cut(outer, input)));
  EXPECT_TRUE(
      run_cut(halves.head, input).equal(run_cut(cut_script(chain(), "second").head, input * 0.5)));
}

TEST(CutScript, ABranchAfterTheCutStaysInTheTail) {
  const jit::Module whole = network_with(
      "    y = self.first.forward(x)\n"
      "    if y.size(0) > 1:\n"
      "        y = self.second.forward(y)\n"
      "    return y + self.third.forward(y)\n");
  const ScriptHalves halves = cut_script(whole, "first");
  for (const torch::Tensor& input : {torch::ones({1}), torch::ones({2})}) {
    EXPECT_TRUE(run_cut(halves.tail, run_cut(halves.head, input)).equal(run_cut(whole, input)));
  }
}

TEST(CutScript, SeveralOutputsComeFromTheTail) {
  const jit::Module whole = network_with(
      "    y = self.first.forward(x)\n    return self.second.forward(y), self.third.forward(y)\n");
  ScriptHalves halves = cut_script(whole, "first");
  const auto outputs = halves.tail.forward({torch::ones({1})}).toTuple()->elements();
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_FLOAT_EQ(outputs[0].toTensor().item<float>(), 4.0F);
  EXPECT_FLOAT_EQ(outputs[1].toTensor().item<float>(), 6.0F);
}

TEST(CutScript, AnUnknownModuleIsNamedWithTheKnownOnes) {
  expect_error(ErrorCode::kNotFound, "no module named 'fourth'; it has first, second, third",
               [&] { cut_script(chain(), "fourth"); });
  expect_error(ErrorCode::kNotFound, "no module named ''", [&] { cut_script(chain(), ""); });
}

TEST(CutScript, RefusesWhenAnythingElseCrosses) {
  // A skip connection, the input, a size of the input, a branch that reads the input.
  for (const std::string body : {
           "    y = self.first.forward(x)\n    return self.second.forward(y) + y\n",
           "    return self.second.forward(x) + x\n",
           "    return self.second.forward(self.first.forward(x)) * x.size(0)\n",
           "    y = self.second.forward(x)\n"
           "    if y.size(0) > 1:\n"
           "        y = y + x\n"
           "    return y\n",
       }) {
    expect_unsupported("exactly one tensor", network_with(body), "second");
  }
}

TEST(CutScript, RefusesAModuleThatIsCalledNotOnceOrInABranch) {
  expect_unsupported("'second' is called 2 times",
                     network_with("    return self.second.forward(self.second.forward(x))\n"),
                     "second");
  expect_unsupported("'third' is called 0 times",
                     network_with("    return self.second.forward(self.first.forward(x))\n"),
                     "third");
  expect_unsupported("in a branch",
                     network_with("    if x.size(0) > 1:\n"
                                  "        x = self.second.forward(x)\n"
                                  "    return x\n"),
                     "second");
}

TEST(CutScript, RefusesAModuleThatReturnsMoreThanOneTensor) {
  jit::Module network("Network");
  network.register_attribute("training", c10::BoolType::get(), false);
  network.register_module("pair", module_with("Pair", 1, "    return x, x * self.weight\n"));
  network.define("def forward(self, x):\n    a, b = self.pair.forward(x)\n    return a + b\n");
  expect_unsupported("'pair' returns", network, "pair");
}

TEST(CutScript, RefusesANetworkThatKeepsAState) {
  jit::Module network("Network");
  network.register_attribute("training", c10::BoolType::get(), false);
  network.register_module("first", layer("First", 2));
  network.register_attribute("calls", c10::IntType::get(), 0);
  network.define(
      "def forward(self, x):\n    y = self.first.forward(x)\n    self.calls = self.calls + 1\n    "
      "return "
      "y\n");
  expect_unsupported("changes its own attributes", network, "first");
}

TEST(CutScript, RefusesASecondInput) {
  jit::Module network("Network");
  network.register_attribute("training", c10::BoolType::get(), false);
  network.register_module("first", layer("First", 2));
  network.define("def forward(self, x, y):\n    return self.first.forward(x) + y\n");
  expect_unsupported("takes 2 inputs", network, "first");
}

}  // namespace
}  // namespace scrim
