// A file of weights.
#include "release/safetensors.h"
#include "refusals.h"

using namespace scrim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  takes([&] {
    const Safetensors contents = parse_safetensors(text_of(data, size), "the input");
    for (const auto& [name, tensor] : contents.tensors) {
      must(tensor.values.size() == static_cast<std::size_t>(element_count(tensor.shape)),
           "a tensor's size");
    }
  });
  return 0;
}
