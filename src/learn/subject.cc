#include "learn/subject.h"

#include "base/check.h"
#include "learn/subjects.h"

namespace scrim {

std::unique_ptr<Subject> Subject::open(const std::filesystem::path& weights,
                                       const std::string& split_point) {
  if (!std::filesystem::exists(weights)) fail(ErrorCode::kNotFound, "no file ", weights.string());
  if (weights.extension() == ".safetensors") return open_faceboxes(weights, split_point);
  if (weights.extension() == ".pt") return open_torchscript(weights, split_point);
  fail(ErrorCode::kUnsupported, "weights must be a .safetensors or a .pt file, got ",
       weights.filename().string());
}

std::unique_ptr<Subject> Subject::open_pair(const std::filesystem::path& head,
                                            const std::filesystem::path& tail) {
  return open_torchscript_pair(head, tail);
}

}  // namespace scrim
