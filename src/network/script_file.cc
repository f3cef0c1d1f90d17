#include "network/script_file.h"

#include "base/check.h"
#include "base/files.h"
#include "network/torch_error.h"

#include <ATen/ATen.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

namespace scrim {

torch::jit::Module load_script(const std::filesystem::path& path) {
  return parse_script(read_file(path), "'" + path.string() + "'");
}

torch::jit::Module parse_script(const std::string& bytes, const std::string& what) {
  std::istringstream stream(bytes);
  torch::jit::Module module =
      with_our_errors(ErrorCode::kCorrupt, what + " is not a TorchScript file", [&] {
        torch::jit::Module loaded = torch::jit::load(stream, at::kCPU);
        loaded.eval();
        return loaded;
      });
  if (!module.find_method("forward")) fail(ErrorCode::kCorrupt, what, " has no forward method");
  check_weights(module, what);
  return module;
}

void check_weights(const torch::jit::Module& module, const std::string& what) {
  for (const auto& parameter : module.named_parameters()) {
    if (parameter.value.is_floating_point() && !at::isfinite(parameter.value).all().item<bool>()) {
      fail(ErrorCode::kCorrupt, what, ": weight '", parameter.name, "' is not finite");
    }
  }
  // A buffer may hold an infinity on purpose (a mask), never a NaN.
  for (const auto& buffer : module.named_buffers()) {
    if (buffer.value.is_floating_point() && at::isnan(buffer.value).any().item<bool>()) {
      fail(ErrorCode::kCorrupt, what, ": buffer '", buffer.name, "' holds a NaN");
    }
  }
}

void save_script(const torch::jit::Module& module, const std::filesystem::path& path) {
  std::ostringstream bytes;
  with_our_errors(ErrorCode::kInternal, "the TorchScript module cannot be written",
                  [&] { module.save(bytes); });
  write_file_atomically(path, bytes.str());
}

}  // namespace scrim
