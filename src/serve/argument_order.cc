#include "serve/argument_order.h"

#include "base/check.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace scrim {
namespace {

using Order = std::vector<std::size_t>;

std::optional<std::size_t> number_in(const std::string& name) {
  const std::size_t mark = name.rfind("__");
  if (mark == std::string::npos) return std::nullopt;
  const char* begin = name.data() + mark + 2;
  const char* end = name.data() + name.size();
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<Order> by_number(const std::vector<TensorConfig>& tensors) {
  Order order;
  for (const TensorConfig& one : tensors) {
    const auto number = number_in(one.name);
    if (!number) return std::nullopt;
    order.push_back(*number);
  }
  return order;
}

std::optional<Order> by_name(const std::vector<TensorConfig>& tensors,
                             const std::vector<std::string>& names) {
  Order order;
  for (const TensorConfig& one : tensors) {
    const auto at = std::ranges::find(names, one.name);
    if (at == names.end()) return std::nullopt;
    order.push_back(static_cast<std::size_t>(at - names.begin()));
  }
  return order;
}

Order as_listed(std::size_t count) {
  Order order(count);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

bool has_twins(Order order) {
  std::ranges::sort(order);
  return std::ranges::adjacent_find(order) != order.end();
}

}  // namespace

std::vector<std::size_t> order_of_inputs(const ModelConfig& config,
                                         const std::vector<std::string>& arguments) {
  check(config.inputs.size() == arguments.size(), "unable to load model '", config.name,
        "', configuration expects ", config.inputs.size(), " inputs, model provides ",
        arguments.size());
  std::optional<Order> order = by_name(config.inputs, arguments);
  if (!order) order = by_number(config.inputs);
  if (!order) order = as_listed(arguments.size());
  for (const std::size_t argument : *order) {
    check(argument < arguments.size(), "an input of model '", config.name, "' has the number ",
          argument, ", and the model ", arguments.size(), " arguments");
  }
  check(!has_twins(*order), "two inputs of model '", config.name, "' are one argument");
  return *order;
}

std::vector<std::size_t> order_of_outputs(const ModelConfig& config) {
  Order order = by_number(config.outputs).value_or(as_listed(config.outputs.size()));
  check(!has_twins(order), "two outputs of model '", config.name, "' have one number");
  return order;
}

}  // namespace scrim
