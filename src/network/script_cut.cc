#include "network/script_cut.h"

#include "base/check.h"
#include "network/torch_error.h"

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

namespace scrim {
namespace {

namespace jit = torch::jit;
namespace prim = c10::prim;
using GraphPtr = std::shared_ptr<jit::Graph>;

constexpr std::size_t kListedModules = 8;

void check_name(const jit::Module& module, const std::string& name) {
  std::string known;
  std::size_t count = 0;
  for (const auto& child : module.named_modules()) {
    if (child.name == name && !name.empty()) return;
    if (child.name.empty() || ++count > kListedModules) continue;
    known += (known.empty() ? "" : ", ") + child.name;
  }
  if (count > kListedModules) known += ", ...";
  fail(ErrorCode::kNotFound, "the network has no module named '", name, "'; it has ",
       known.empty() ? "none" : known);
}

// The attribute names from the graph's first input to `value`, as in "backbone.layer2"; nothing for
// a value that is not reached by attributes alone.
std::optional<std::string> attribute_path(const jit::Value* value, const jit::Graph& graph) {
  if (value == graph.inputs()[0]) return "";
  if (value->node()->kind() != prim::GetAttr) return std::nullopt;
  const auto parent = attribute_path(value->node()->input(), graph);
  if (!parent) return std::nullopt;
  return (parent->empty() ? "" : *parent + ".") + value->node()->s(c10::attr::name);
}

bool calls_target(const jit::Node* node, const jit::Graph& graph, const std::string& target) {
  return node->kind() == prim::CallMethod && node->s(c10::attr::name) == "forward" &&
         attribute_path(node->input(0), graph) == target;
}

std::vector<jit::Node*> calls(jit::Graph& graph) {
  std::vector<jit::Node*> found = jit::findAllNodes(graph, prim::CallMethod, /*recurse=*/true);
  const auto functions = jit::findAllNodes(graph, prim::CallFunction, /*recurse=*/true);
  found.insert(found.end(), functions.begin(), functions.end());
  return found;
}

// Inlines the calls until only those of `target` are left (all of them, if it is empty).
void inline_calls(jit::Graph& graph, const std::string& target) {
  for (bool changed = true; changed;) {
    changed = false;
    for (jit::Node* call : calls(graph)) {
      if (!target.empty() && calls_target(call, graph, target)) continue;
      jit::GraphFunction* callee = jit::tryToGraphFunction(call);
      if (callee == nullptr) {
        fail(ErrorCode::kUnsupported, "the network calls something that is not TorchScript");
      }
      if (call->kind() == prim::CallFunction) call->removeInput(0);
      jit::inlineCallTo(call, callee, callee->graph().get());
      changed = true;
    }
  }
}

jit::Node* the_call(jit::Graph& graph, const std::string& target) {
  std::vector<jit::Node*> found;
  for (jit::Node* call : calls(graph)) {
    if (calls_target(call, graph, target)) found.push_back(call);
  }
  if (found.size() != 1) {
    fail(ErrorCode::kUnsupported, "module '", target, "' is called ", found.size(),
         " times; a cut needs one call");
  }
  if (found[0]->owningBlock() != graph.block()) {
    fail(ErrorCode::kUnsupported, "module '", target, "' is called in a branch or a loop");
  }
  if (!found[0]->output()->type()->isSubtypeOf(*c10::TensorType::get())) {
    fail(ErrorCode::kUnsupported, "module '", target, "' returns ",
         found[0]->output()->type()->repr_str(), "; exactly one tensor may cross the cut");
  }
  return found[0];
}

// The forward graph with every call inlined: its last output is the activation, and the first
// `head_nodes` nodes are those up to the activation.
struct MarkedGraph {
  GraphPtr graph;
  std::size_t head_nodes = 0;
};

MarkedGraph mark_cut(const jit::Module& module, const std::string& name) {
  GraphPtr graph = module.get_method("forward").graph()->copy();
  if (graph->inputs().size() != 2) {
    fail(ErrorCode::kUnsupported, "the network takes ", graph->inputs().size() - 1,
         " inputs; one is supported");
  }
  inline_calls(*graph, name);
  jit::Node* call = the_call(*graph, name);
  graph->registerOutput(call->output());
  const jit::Node* next = call->next();
  inline_calls(*graph, "");
  std::size_t head_nodes = 0;
  for (const jit::Node* node : graph->nodes()) {
    if (node == next) break;
    ++head_nodes;
  }
  return {graph, head_nodes};
}

std::vector<jit::Node*> top_nodes(jit::Graph& graph) {
  return {graph.nodes().begin(), graph.nodes().end()};
}

// Every value that a node reads, those read inside its blocks included.
void collect_inputs(const jit::Node* node, std::vector<const jit::Value*>& into) {
  into.insert(into.end(), node->inputs().begin(), node->inputs().end());
  for (const jit::Block* block : node->blocks()) {
    for (const jit::Node* inner : block->nodes()) collect_inputs(inner, into);
    collect_inputs(block->return_node(), into);
  }
}

bool reads_any(const jit::Node* node, const std::unordered_set<const jit::Value*>& values) {
  std::vector<const jit::Value*> inputs;
  collect_inputs(node, inputs);
  return std::ranges::any_of(inputs,
                             [&](const jit::Value* value) { return values.contains(value); });
}

void replace_reads(jit::Node* node, jit::Value* from, jit::Value* to) {
  node->replaceInputWith(from, to);
  for (jit::Block* block : node->blocks()) {
    for (jit::Node* inner : block->nodes()) replace_reads(inner, from, to);
    replace_reads(block->return_node(), from, to);
  }
}

GraphPtr head_graph(const MarkedGraph& marked) {
  GraphPtr graph = marked.graph->copy();
  while (graph->outputs().size() > 1) graph->eraseOutput(0);
  const auto nodes = top_nodes(*graph);
  for (std::size_t i = nodes.size(); i-- > marked.head_nodes;) nodes[i]->destroy();
  jit::EliminateDeadCode(graph);
  return graph;
}

GraphPtr tail_graph(const MarkedGraph& marked, const std::string& name) {
  GraphPtr graph = marked.graph->copy();
  jit::Value* activation = graph->outputs().back();
  graph->eraseOutput(graph->outputs().size() - 1);
  const auto nodes = top_nodes(*graph);

  // What was computed from the input, before the cut.
  std::unordered_set<const jit::Value*> computed = {graph->inputs()[1]};
  std::vector<jit::Node*> to_drop;
  for (std::size_t i = 0; i < marked.head_nodes; ++i) {
    if (!reads_any(nodes[i], computed)) continue;
    computed.insert(nodes[i]->outputs().begin(), nodes[i]->outputs().end());
    to_drop.push_back(nodes[i]);
  }

  jit::Value* input = graph->addInput("activation");
  input->setType(c10::TensorType::get());
  std::vector<jit::Node*> rest(nodes.begin() + static_cast<std::ptrdiff_t>(marked.head_nodes),
                               nodes.end());
  rest.push_back(graph->return_node());
  for (jit::Node* node : rest) {
    replace_reads(node, activation, input);
    if (!reads_any(node, computed)) continue;
    fail(ErrorCode::kUnsupported, "after module '", name,
         "' the network needs more than its output; exactly one tensor may cross the cut");
  }
  for (std::size_t i = to_drop.size(); i-- > 0;) to_drop[i]->destroy();
  graph->eraseInput(1);
  jit::EliminateDeadCode(graph);
  return graph;
}

// The module's attribute behind a chain of GetAttr nodes, and its place in the module's type.
struct Attribute {
  c10::IValue value;
  c10::TypePtr type;
  bool is_parameter = false;
  bool is_buffer = false;
};

Attribute find_attribute(const jit::Module& module, const std::string& path) {
  jit::Module owner = module;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = path.find('.', begin)) != std::string::npos; begin = dot + 1) {
    owner = owner.attr(path.substr(begin, dot - begin)).toModule();
  }
  const std::string name = path.substr(begin);
  const std::size_t slot = owner.type()->getAttributeSlot(name);
  return {owner.attr(name), owner.type()->getAttribute(slot), owner.type()->is_parameter(slot),
          owner.type()->is_buffer(slot)};
}

// A module of its own around a half's graph: the attributes it reads are moved onto it, under their
// path with "__" for the dot.
jit::Module module_of(const char* class_name, const GraphPtr& graph, const jit::Module& source,
                      const std::string& cut) {
  if (!jit::findAllNodes(*graph, prim::SetAttr, /*recurse=*/true).empty()) {
    fail(ErrorCode::kUnsupported, "the network cut after '", cut, "' changes its own attributes");
  }
  jit::Module half(class_name);
  half.register_attribute("training", c10::BoolType::get(), false);
  jit::Value* self = graph->inputs()[0];
  for (jit::Node* node : jit::findAllNodes(*graph, prim::GetAttr, /*recurse=*/true)) {
    const auto path = attribute_path(node->output(), *graph);
    if (!path || node->output()->type()->is_module()) continue;
    std::string flat = "w_" + *path;
    for (std::size_t dot; (dot = flat.find('.')) != std::string::npos;) flat.replace(dot, 1, "__");
    if (!half.hasattr(flat)) {
      const Attribute found = find_attribute(source, *path);
      half.register_attribute(flat, found.type, found.value, found.is_parameter, found.is_buffer);
    }
    node->replaceInput(0, self);
    node->s_(c10::attr::name, flat);
  }
  jit::EliminateDeadCode(graph);
  self->setType(half.type());
  for (const jit::Use& use : self->uses()) {
    if (use.user->kind() == prim::GetAttr && !use.user->output()->type()->is_module()) continue;
    fail(ErrorCode::kUnsupported, "the network cut after '", cut, "' uses its modules as values");
  }
  const c10::QualifiedName name(*half.type()->name(), "forward");
  half.type()->addMethod(half._ivalue()->compilation_unit()->create_function(name, graph));
  return half;
}

}  // namespace

ScriptHalves cut_script(const torch::jit::Module& module, const std::string& name) {
  check_name(module, name);
  return with_our_errors(
      ErrorCode::kUnsupported, "the network cannot be cut after '" + name + "'", [&] {
        const MarkedGraph marked = mark_cut(module, name);
        return ScriptHalves{module_of("Head", head_graph(marked), module, name),
                            module_of("Tail", tail_graph(marked, name), module, name)};
      });
}

}  // namespace scrim
