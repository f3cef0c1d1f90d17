#include "network/wire_tail.h"

#include "base/check.h"

#include <ATen/ops/tensor.h>

#include <numeric>
#include <string>
#include <vector>

namespace scrim {
namespace {

// As scripts say it.
const std::string kFloat = std::to_string(static_cast<int>(at::kFloat));
const std::string kHalf = std::to_string(static_cast<int>(at::kHalf));
constexpr const char* kMostHalf = "65504.0";

at::Tensor steps_of(const WireTensor& tensor) {
  std::vector<float> steps;
  for (const WirePlane& plane : tensor.planes) steps.push_back(plane.step);
  return at::tensor(steps).view({1, -1, 1, 1});
}

// Where each direction is once the planes lie in the order of their tensors, with a plane of zeros
// behind them for those that are not sent.
std::vector<std::int64_t> places_of(std::span<const WireTensor> tensors, std::int64_t directions) {
  std::vector<std::int64_t> places(static_cast<std::size_t>(directions), -1);
  std::int64_t next = 0;
  for (const WireTensor& tensor : tensors) {
    for (const WirePlane& plane : tensor.planes) {
      places[static_cast<std::size_t>(plane.direction)] = next++;
    }
  }
  for (std::int64_t& place : places) place = place < 0 ? next : place;
  return places;
}

bool are_in_order(const std::vector<std::int64_t>& places) {
  std::vector<std::int64_t> order(places.size());
  std::iota(order.begin(), order.end(), 0);
  return places == order;
}

std::string as_half(const std::string& output) {
  return "torch.clamp(" + output + ", -" + kMostHalf + ", " + kMostHalf + ").to(" + kHalf + ")";
}

// What follows `body` so that the outputs of the tail, called on y, are answered as binary16.
std::string answer_in_halves(const torch::jit::Module& tail) {
  const c10::TypePtr returned =
      tail.get_method("forward").function().getSchema().returns().at(0).type();
  std::string text = "    answer = self.tail.forward(y)\n    return ";
  if (returned->kind() == c10::TypeKind::TensorType) return text + as_half("answer") + "\n";
  if (returned->kind() == c10::TypeKind::ListType) {
    return text + "[" + as_half("one") + " for one in answer]\n";
  }
  for (std::size_t i = 0; i < returned->containedTypes().size(); ++i) {
    text += as_half("answer[" + std::to_string(i) + "]") + ", ";
  }
  return text + "\n";
}

}  // namespace

torch::jit::Module script_wire_tail(const torch::jit::Module& tail,
                                    std::span<const WireTensor> tensors, std::int64_t directions) {
  torch::jit::Module module("WireTail");
  module.register_attribute("training", c10::BoolType::get(), false);
  module.register_module("tail", tail);
  std::string arguments, body, parts;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::string x = "x" + std::to_string(i), y = "y" + std::to_string(i);
    const std::string step = "step" + std::to_string(i);
    arguments += ", " + x + ": Tensor";
    body += "    " + y + " = " + x + ".to(" + kFloat + ")";
    if (tensors[i].code == PlaneCode::kInt8 || tensors[i].code == PlaneCode::kInt16) {
      module.register_buffer(step, steps_of(tensors[i]));
      body += " * self." + step;
    }
    body += "\n";
    parts += y + ", ";
  }
  const std::vector<std::int64_t> places = places_of(tensors, directions);
  if (are_in_order(places) && tensors.size() == 1) {
    body += "    y = y0\n";
  } else {
    module.register_buffer("places", at::tensor(places));
    body += "    none = torch.zeros_like(y0[:, :1])\n    y = torch.index_select(torch.cat([" +
            parts + "none], 1), 1, self.places)\n";
  }
  module.define("def forward(self" + arguments + "):\n" + body + answer_in_halves(tail));
  return module;
}

}  // namespace scrim
