// The engine of the backends "openvino" and "onnxruntime": OpenVINO's files and ONNX, by OpenVINO.
#pragma once

#include "server/engine.h"

#include <functional>
#include <string>

namespace scrim {

// Adds both, where this program was built with OpenVINO; nothing elsewhere. Inputs and outputs go
// by the names of the model's tensors. One thread for each instance, or as the parameter
// INFERENCE_NUM_THREADS says.
//
// `log` is told what OpenVINO says of a failure, which no client may see.
void add_openvino_engines(Engines& engines, const std::function<void(const std::string&)>& log);

}  // namespace scrim
