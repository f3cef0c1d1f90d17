#include "network/script_writer.h"

#include "base/check.h"
#include "base/text.h"

namespace scrim {
namespace {

std::string pair_of(std::int64_t value) { return sentence("[", value, ", ", value, "]"); }

}  // namespace

ScriptWriter::ScriptWriter(const std::string& class_name) : module_(class_name) {
  module_.register_attribute("training", c10::BoolType::get(), false);
}

std::string ScriptWriter::convolution(const std::string& x, const Convolution& layer) {
  const std::string bias = layer.bias.defined() ? weight(layer.bias) : "None";
  return line(sentence("torch.conv2d(", x, ", ", weight(layer.weight), ", ", bias, ", ",
                       pair_of(layer.stride), ", ", pair_of(layer.padding), ")"));
}

std::string ScriptWriter::relu(const std::string& x) { return line("torch.relu(" + x + ")"); }

std::string ScriptWriter::negative(const std::string& x) { return line("torch.neg(" + x + ")"); }

std::string ScriptWriter::max_pool(const std::string& x) {
  return line("torch.max_pool2d(" + x + ", [3, 3], [2, 2], [1, 1])");
}

std::string ScriptWriter::average_pool(const std::string& x) {
  return line("torch.avg_pool2d(" + x + ", [3, 3], [1, 1], [1, 1], False, True)");
}

std::string ScriptWriter::add(const std::string& x, const std::string& y) {
  return line("torch.add(" + x + ", " + y + ")");
}

std::string ScriptWriter::add_per_channel(const std::string& x, const torch::Tensor& bias) {
  return line("torch.add(" + x + ", " + weight(bias.view({1, -1, 1, 1})) + ")");
}

std::string ScriptWriter::concatenate(const std::vector<std::string>& parts, int dimension) {
  return line(sentence("torch.cat([", joined(parts), "], ", dimension, ")"));
}

std::string ScriptWriter::channels(const std::string& x, std::int64_t first, std::int64_t end) {
  return line(sentence("torch.slice(", x, ", 1, ", first, ", ", end, ", 1)"));
}

std::string ScriptWriter::flatten_cells(const std::string& x, std::int64_t values) {
  return line(sentence("torch.reshape(torch.permute(", x, ", [0, 2, 3, 1]), [torch.size(", x,
                       ", 0), -1, ", values, "])"));
}

std::string ScriptWriter::sigmoid(const std::string& x) { return line("torch.sigmoid(" + x + ")"); }

std::string ScriptWriter::mean_over_cells(const std::string& x) {
  return line("torch.mean(" + x + ", [2, 3])");
}

torch::jit::Module ScriptWriter::finish(const std::vector<std::string>& results) {
  module_.define("def forward(self, x):\n" + body_ + "    return " + joined(results) + "\n");
  return module_;
}

std::string ScriptWriter::line(const std::string& expression) {
  const std::string name = sentence("v", names_++);
  body_ += "    " + name + " = " + expression + "\n";
  return name;
}

std::string ScriptWriter::weight(const torch::Tensor& values) {
  const std::string name = sentence("weight", names_++);
  module_.register_parameter(name, values.detach().to(torch::kFloat32).contiguous().clone(),
                             /*is_buffer=*/false);
  return "self." + name;
}

}  // namespace scrim
