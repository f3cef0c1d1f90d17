// The engine of the backend "pytorch": a TorchScript file, prepared once for each instance.
#pragma once

#include "server/engine.h"

#include <functional>
#include <string>

namespace scrim {

// Opens model.pt files. Inputs go to the arguments of forward by name, else by the number in
// "NAME__NUMBER", else in the config's order; outputs by number, else in order. One thread of the
// tensor library for each instance, or as the parameter INTRA_OP_THREAD_COUNT says.
//
// `log` is told what the tensor library says of a failure, which no client may see.
EngineFactory torchscript_engines(std::function<void(const std::string&)> log);

}  // namespace scrim
