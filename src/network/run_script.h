// TorchScript modules made ready to run: as written, or prepared once for speed.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <functional>
#include <vector>

namespace scrim {

// Runs a network on one input. Threads may call one at the same time; no gradient is recorded.
using RunNetwork = std::function<std::vector<at::Tensor>(const at::Tensor& input)>;

// The forward as it is written, without any optimisation: the reference.
//
// Like prepared_script it throws kUnsupported unless the forward takes one tensor and returns a
// tensor, a tuple of tensors or a list of tensors. `what` names the module in errors of its runs,
// which are kInvalidArgument, or kUnavailable when memory runs out.
RunNetwork plain_script(const torch::jit::Module& module, const std::string& what);

// The same results up to float rounding, quicker: attributes are constants, batch normalisation is
// folded, convolutions run in oneDNN with packed weights and a fused ReLU, channels last.
//
// The graph goes straight to the interpreter: the profiling executor would specialise anew for
// every picture size. Preparing costs milliseconds; a size seen first costs about a third of a run
// more, once a process.
RunNetwork prepared_script(const torch::jit::Module& module, const std::string& what);

// Calls a module's forward with all of its arguments. Threads may call one at the same time; no
// gradient is recorded.
using CallScript = std::function<c10::IValue(const std::vector<c10::IValue>& arguments)>;

// As prepared_script, for a forward of any arguments and results.
CallScript prepared_call(const torch::jit::Module& module, const std::string& what);

// The tensors of a result that is a tensor, a tuple of tensors or a list of tensors.
std::vector<at::Tensor> tensors_of(const c10::IValue& result);

}  // namespace scrim
