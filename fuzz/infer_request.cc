// The JSON of an inference, parsed, held against a model, and written again.
#include "protocol/infer_request.h"
#include "refusals.h"
#include "repository/model_config.h"
#include "server/request_check.h"

using namespace scrim;

namespace {

const ModelConfig& config() {
  static const ModelConfig config = parse_model_config(
      "backend: 'pytorch' max_batch_size: 4 input [{ name: 'A' data_type: TYPE_FP32 dims: -1 },"
      "{ name: 'B' data_type: TYPE_STRING dims: [2, -1] optional: true }]"
      "output { name: 'Y' data_type: TYPE_FP32 dims: -1 }",
      "m");
  return config;
}

void check_written_again(const InferRequest& request) {
  HttpBody body;
  if (!takes([&] { body = format_infer_request(request); })) return;
  const InferRequest again = parse_infer_request(body.bytes, body.json_length, "m");
  must(again.id == request.id && again.inputs.size() == request.inputs.size(), "the request");
  for (std::size_t i = 0; i < again.inputs.size(); ++i) {
    must(again.inputs[i].name == request.inputs[i].name, "an input's name");
    must(again.inputs[i].shape == request.inputs[i].shape, "an input's shape");
    must(again.inputs[i].bytes.view().size() == request.inputs[i].bytes.view().size(),
         "an input's size");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  takes([&] {
    InferRequest request = parse_infer_request(text_of(data, size), std::nullopt, "m");
    check_written_again(request);
    check_request(std::move(request), config());
  });
  return 0;
}
