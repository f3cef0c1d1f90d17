// A body of JSON and binary tensors. The first line of the input is the header that says where the
// JSON ends; without a line feed there is none.
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "refusals.h"

using namespace scrim;

namespace {

// The inputs come back as outputs: each byte of them once.
void check_echo(const InferRequest& request) {
  InferResponse response{"m", "1", request.id, {}, {}};
  for (const TensorMessage& input : request.inputs) {
    TensorMessage output = input;
    output.parameters.clear();
    const std::size_t element = element_bytes(output.datatype);
    const auto count = counted_elements(output.shape);
    // What a model would never give: its shape and bytes have been checked by then.
    if (!count || element == 0 || output.bytes.view().size() != element * std::size_t(*count))
      return;
    response.outputs.push_back(std::move(output));
  }
  HttpBody body;
  if (!takes([&] { body = format_infer_response(response); })) return;
  const InferResponse again = parse_infer_response(body.bytes, body.json_length);
  must(again.outputs.size() == response.outputs.size(), "the outputs");
  for (std::size_t i = 0; i < again.outputs.size(); ++i) {
    if (!response.outputs[i].binary) continue;
    must(again.outputs[i].bytes.view() == response.outputs[i].bytes.view(), "an output");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = text_of(data, size);
  std::string_view header;
  const std::size_t line = body.find('\n');
  if (line != std::string_view::npos) {
    header = body.substr(0, line);
    body.remove_prefix(line + 1);
  }
  takes([&] {
    std::optional<std::size_t> length;
    if (line != std::string_view::npos) length = json_length_of(header, body.size());
    check_echo(parse_infer_request(body, length, "m"));
  });
  return 0;
}
