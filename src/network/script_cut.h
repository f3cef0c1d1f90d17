// One TorchScript module cut in two after the output of a module inside it.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

namespace scrim {

struct ScriptHalves {
  torch::jit::Module head;  // input -> the named module's output
  torch::jit::Module tail;  // that output -> what the whole returns
};

// Cuts after `name`, as in "backbone.layer2". Each half holds the weights it uses, and those alone.
//
// Throws kNotFound, listing modules, if there is none of that name; kUnsupported, naming the
// module, if it is not called exactly once outside of branches and loops, if it does not return one
// tensor, if the tail needs anything else that was computed from the input, or if the halves keep a
// state.
ScriptHalves cut_script(const torch::jit::Module& module, const std::string& name);

}  // namespace scrim
