#include "network/run_script.h"

#include "base/check.h"
#include "network/torch_error.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/interpreter.h>

#include <algorithm>
#include <optional>

namespace scrim {
namespace {

namespace jit = torch::jit;
using GraphPtr = std::shared_ptr<jit::Graph>;

bool is_tensor(const c10::TypePtr& type) { return type->isSubtypeOf(*c10::TensorType::get()); }

void check_signature(const jit::Graph& graph, const std::string& what) {
  if (graph.inputs().size() != 2 || !is_tensor(graph.inputs()[1]->type())) {
    fail(ErrorCode::kUnsupported, what, " does not take exactly one tensor");
  }
  const c10::TypePtr type = graph.outputs().at(0)->type();
  bool tensors = is_tensor(type);
  if (const auto tuple = type->cast<c10::TupleType>()) {
    tensors = std::ranges::all_of(tuple->elements(), is_tensor);
  } else if (const auto list = type->cast<c10::ListType>()) {
    tensors = is_tensor(list->getElementType());
  }
  if (!tensors) fail(ErrorCode::kUnsupported, what, " returns ", type->repr_str(), ", not tensors");
}

// A graph, the module that owns its attributes, and packed weights as further inputs.
struct Program {
  jit::Module module;
  GraphPtr graph;
  std::vector<c10::IValue> packed;
  at::MemoryFormat format = at::MemoryFormat::Contiguous;
};

CallScript caller(const Program& program, const std::string& what) {
  jit::runRequiredPasses(program.graph);
  const jit::Code code(program.graph, what);
  return [program, code, what](const std::vector<c10::IValue>& arguments) {
    return with_our_errors(ErrorCode::kInvalidArgument, what + " cannot run on this input", [&] {
      const at::NoGradGuard no_grad;
      jit::Stack stack = {program.module._ivalue()};
      for (const c10::IValue& argument : arguments) {
        const bool picture = argument.isTensor() && argument.toTensor().dim() == 4;
        stack.push_back(picture ? argument.toTensor().contiguous(program.format) : argument);
      }
      stack.insert(stack.end(), program.packed.begin(), program.packed.end());
      jit::InterpreterState(code).run(stack);
      return stack.at(0);
    });
  };
}

RunNetwork runner(const Program& program, const std::string& what) {
  return
      [call = caller(program, what)](const at::Tensor& input) { return tensors_of(call({input})); };
}

// The constant inputs of a convolution that oneDNN can run with packed weights.
struct PackableConvolution {
  at::Tensor weight;
  c10::IValue bias, stride, padding, dilation, groups;
};

std::optional<PackableConvolution> packable(const jit::Node* node) {
  const bool plain = node->kind() == c10::aten::conv2d;
  if (!plain && node->kind() != c10::aten::_convolution) return std::nullopt;
  std::vector<c10::IValue> constants(1);  // the picture is no constant
  for (std::size_t i = 1; i < node->inputs().size(); ++i) {
    const auto constant = jit::toIValue(node->input(i));
    if (!constant) return std::nullopt;
    constants.push_back(*constant);
  }
  // _convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding,
  // groups, ...)
  if (!plain && constants.at(6).toBool()) return std::nullopt;
  const bool shaped = constants[1].isTensor() && constants[3].isIntList() &&
                      constants[4].isIntList() && constants[5].isIntList();
  if (!shaped || constants[4].toIntVector().size() != 2) return std::nullopt;
  const at::Tensor weight = constants[1].toTensor();
  if (weight.dim() != 4 || weight.scalar_type() != at::kFloat || !weight.is_cpu()) {
    return std::nullopt;
  }
  return PackableConvolution{weight,       constants[2], constants[3],
                             constants[4], constants[5], constants.at(plain ? 6 : 8)};
}

// The ReLU that alone reads a convolution's output, or null.
jit::Node* fusible_relu(const jit::Node* convolution) {
  const jit::Value* output = convolution->output();
  if (output->uses().size() != 1) return nullptr;
  jit::Node* user = output->uses()[0].user;
  const bool relu = user->kind() == c10::aten::relu || user->kind() == c10::aten::relu_;
  return relu && user->owningBlock() == convolution->owningBlock() ? user : nullptr;
}

void pack_convolution(Program& program, jit::Node* node, const PackableConvolution& layer,
                      const c10::OperatorHandle& prepack) {
  // The input's size is a hint for the layout of the weights; any other size runs too.
  const std::vector<std::int64_t> hint = {1, layer.weight.size(1) * layer.groups.toInt(), 32, 32};
  jit::Node* relu = fusible_relu(node);
  jit::Stack stack = {
      layer.weight,   layer.bias,   layer.stride, layer.padding,
      layer.dilation, layer.groups, hint,         relu == nullptr ? "none" : "relu"};
  prepack.callBoxed(stack);
  jit::Value* packed = program.graph->addInput()->setType(stack.at(0).type());
  program.packed.push_back(stack.at(0));

  static const auto kRun = c10::Symbol::fromQualString("mkldnn_prepacked::conv2d_run");
  const jit::WithInsertPoint before(node);
  jit::Node* run = program.graph->insertNode(program.graph->create(kRun, {node->input(0), packed}));
  (relu == nullptr ? node : relu)->output()->replaceAllUsesWith(run->output());
  if (relu != nullptr) relu->destroy();
  node->destroy();
}

void pack_convolutions(Program& program) {
  // Absent from a libtorch without oneDNN, where the frozen graph runs as it is.
  const auto prepack =
      c10::Dispatcher::singleton().findSchema({"mkldnn_prepacked::conv2d_prepack", ""});
  if (!prepack) return;
  for (const auto kind : {c10::aten::conv2d, c10::aten::_convolution}) {
    for (jit::Node* node : jit::findAllNodes(*program.graph, kind, /*recurse=*/true)) {
      if (const auto layer = packable(node)) pack_convolution(program, node, *layer, *prepack);
    }
  }
  jit::EliminateDeadCode(program.graph);
}

// Whether results stay the same when the memory of a picture is laid out channels last: not when
// the graph looks at the layout.
bool layout_is_free(jit::Graph& graph) {
  for (const char* name : {"aten::view", "aten::view_as", "aten::as_strided", "aten::stride",
                           "aten::is_contiguous", "aten::set_", "aten::resize_"}) {
    const auto kind = c10::Symbol::fromQualString(name);
    if (!jit::findAllNodes(graph, kind, /*recurse=*/true).empty()) return false;
  }
  return true;
}

Program prepared(const torch::jit::Module& module) {
  Program program{jit::freeze(module), nullptr, {}};
  program.graph = program.module.get_method("forward").graph()->copy();
  pack_convolutions(program);
  if (!program.packed.empty() && layout_is_free(*program.graph)) {
    program.format = at::MemoryFormat::ChannelsLast;
  }
  return program;
}

}  // namespace

std::vector<at::Tensor> tensors_of(const c10::IValue& result) {
  if (result.isTensor()) return {result.toTensor()};
  if (result.isTensorList()) return result.toTensorVector();
  std::vector<at::Tensor> tensors;
  for (const c10::IValue& element : result.toTuple()->elements()) {
    tensors.push_back(element.toTensor());
  }
  return tensors;
}

RunNetwork plain_script(const torch::jit::Module& module, const std::string& what) {
  return with_our_errors(ErrorCode::kUnsupported, what + " cannot be run", [&] {
    GraphPtr graph = module.get_method("forward").graph()->copy();
    check_signature(*graph, what);
    jit::Inline(*graph);
    return runner({module, graph, {}}, what);
  });
}

RunNetwork prepared_script(const torch::jit::Module& module, const std::string& what) {
  return with_our_errors(ErrorCode::kUnsupported, what + " cannot be prepared", [&] {
    check_signature(*module.get_method("forward").graph(), what);
    return runner(prepared(module), what);
  });
}

CallScript prepared_call(const torch::jit::Module& module, const std::string& what) {
  return with_our_errors(ErrorCode::kUnsupported, what + " cannot be prepared",
                         [&] { return caller(prepared(module), what); });
}

}  // namespace scrim
