// What a server answers to the client: an inference, as in binary_split, and an error.
#include "protocol/infer_response.h"
#include "refusals.h"

#include <charconv>

using namespace scrim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = text_of(data, size);
  std::optional<std::size_t> length;
  const std::size_t line = body.find('\n');
  if (line != std::string_view::npos) {
    std::size_t value = 0;
    std::from_chars(body.data(), body.data() + line, value);
    length = value;
    body.remove_prefix(line + 1);
  }
  takes([&] {
    const InferResponse response = parse_infer_response(body, length);
    for (const TensorMessage& output : response.outputs) {
      const std::size_t element = element_bytes(output.datatype);
      const auto count = counted_elements(output.shape);
      must(count.has_value(), "an output's shape");
      must(element == 0 || output.bytes.view().size() == element * std::size_t(*count),
           "an output's size");
    }
  });
  takes([&] { error_in(body); });
  return 0;
}
