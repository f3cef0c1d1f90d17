// TorchScript files: read without trust in their form, written atomically.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

namespace scrim {

// The module in a file, in evaluation mode, on the CPU. Throws kNotFound, kCorrupt (not
// TorchScript, truncated, no forward, a weight that is not a number).
//
// TorchScript is a program: what it computes is the writer's word. A release binds it by hash.
torch::jit::Module load_script(const std::filesystem::path& path);
// The same from bytes; `what` names them in errors.
torch::jit::Module parse_script(const std::string& bytes, const std::string& what);

// Throws kCorrupt naming the first parameter that is not finite, or buffer that holds a NaN.
void check_weights(const torch::jit::Module& module, const std::string& what);

// Writes the module beside `path` and renames it over. Throws kUnavailable (full disk, read-only).
void save_script(const torch::jit::Module& module, const std::filesystem::path& path);

}  // namespace scrim
