#include "network/wire_tail.h"

#include "network/run_script.h"
#include "network/script_file.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace scrim {
namespace {

torch::jit::Module doubling_tail() {
  torch::jit::Module tail("Tail");
  tail.register_attribute("training", c10::BoolType::get(), false);
  tail.define("def forward(self, x):\n  return torch.mul(x, 2.0), torch.sum(x)\n");
  return tail;
}

// Through a file and the same preparation as a server's.
std::vector<at::Tensor> run_saved(const torch::jit::Module& module,
                                  const std::vector<c10::IValue>& arguments) {
  const TemporaryFolder folder;
  save_script(module, folder / "tail.pt");
  const auto call = prepared_call(load_script(folder / "tail.pt"), "the tail");
  return tensors_of(call(arguments));
}

TEST(WireTail, CodesOfTwoTypesBecomeAllDirections) {
  // Of five directions: 1 and 4 as int8, 3 as int16; 0 and 2 are not sent.
  const std::vector<WireTensor> tensors = {
      {PlaneCode::kInt8, {{1, PlaneCode::kInt8, 0.5F}, {4, PlaneCode::kInt8, 0.3F}}},
      {PlaneCode::kInt16, {{3, PlaneCode::kInt16, 0.1F}}}};
  const auto bytes = torch::randint(-127, 128, {2, 2, 3, 4}, torch::kInt8);
  const auto words = torch::randint(-32767, 32768, {2, 1, 3, 4}, torch::kInt16);
  const auto outputs = run_saved(script_wire_tail(doubling_tail(), tensors, 5), {bytes, words});
  ASSERT_EQ(outputs.size(), 2U);
  auto expected = torch::zeros({2, 5, 3, 4});
  expected.select(1, 1) = bytes.select(1, 0).to(torch::kFloat32) * 0.5F;
  expected.select(1, 4) = bytes.select(1, 1).to(torch::kFloat32) * 0.3F;
  expected.select(1, 3) = words.select(1, 0).to(torch::kFloat32) * 0.1F;
  EXPECT_TRUE(torch::equal(outputs[0], (expected * 2).to(torch::kFloat16)));
}

TEST(WireTail, HalvesAreTheirValues) {
  const std::vector<WireTensor> tensors = {
      {PlaneCode::kHalf, {{0, PlaneCode::kHalf, 1}, {1, PlaneCode::kHalf, 1}}}};
  const auto halves = torch::randn({1, 2, 3, 3}).to(torch::kFloat16);
  const auto outputs = run_saved(script_wire_tail(doubling_tail(), tensors, 2), {halves});
  EXPECT_TRUE(torch::equal(outputs.at(0), halves * 2));
}

TEST(WireTail, AnswersOfEveryFormAreHalvesHeldToTheLargest) {
  const std::vector<WireTensor> tensors = {{PlaneCode::kHalf, {{0, PlaneCode::kHalf, 1}}}};
  const auto input = torch::full({1, 1, 1, 2}, 300).to(torch::kFloat16);
  for (const char* body : {"x * x", "[x * x, -x]", "(x * x, -x)"}) {
    torch::jit::Module tail("Tail");
    tail.register_attribute("training", c10::BoolType::get(), false);
    tail.define(std::string("def forward(self, x):\n  return ") + body + "\n");
    const auto outputs = run_saved(script_wire_tail(tail, tensors, 1), {input});
    EXPECT_EQ(outputs.at(0).scalar_type(), torch::kFloat16) << body;
    EXPECT_EQ(outputs.at(0).max().item<float>(), 65504) << body;
    EXPECT_TRUE(torch::equal(outputs.back(), outputs.size() > 1 ? -input : outputs[0])) << body;
  }
}

}  // namespace
}  // namespace scrim
