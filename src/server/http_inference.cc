#include "server/http_inference.h"

#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "server/compression.h"
#include "server/raw_request.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr const char* kErrorType = "text/plain";
constexpr const char* kLengthHeader = "inference-header-content-length";

// Of an element as JSON, with its comma and white space: "-3.4028234663852887e+38, ".
constexpr std::uint64_t kJsonBytes = 32;
// Names, shapes, parameters.
constexpr std::uint64_t kJsonFrame = std::uint64_t{64} << 10;

// The body as the JSON part and what follows it.
struct InferenceBody {
  std::shared_ptr<const std::string> bytes;
  std::optional<std::size_t> json_length;
};

// What the caller wants of the answer's form.
struct Preferences {
  explicit Preferences(const HttpHead& head)
      : encoding(preferred_encoding(head.header("accept-encoding").value_or(""))),
        digits(head.header("prefer") == kPreferNineDigits ? FloatDigits::kNine
                                                          : FloatDigits::kOfDouble) {}

  Encoding encoding;
  FloatDigits digits;
};

HttpAnswer answer_of(const InferResponse& response, Preferences wanted) {
  HttpBody body = format_infer_response(response, wanted.digits);
  HttpAnswer answer;
  if (wanted.digits == FloatDigits::kNine) {
    answer.headers.emplace_back("Preference-Applied", kPreferNineDigits);
  }
  if (body.json_length) {
    answer.content_type = "application/octet-stream";
    answer.headers.emplace_back("Inference-Header-Content-Length",
                                std::to_string(*body.json_length));
  }
  if (wanted.encoding == Encoding::kIdentity) {
    answer.body = std::move(body.bytes);
    return answer;
  }
  answer.headers.emplace_back("Content-Encoding", name(wanted.encoding));
  answer.body = compress(body.bytes, wanted.encoding);
  return answer;
}

HttpAnswer answer_of(const InferResult& result, Preferences wanted) {
  if (const auto* error = std::get_if<RequestError>(&result)) return error_answer(*error);
  try {
    return answer_of(std::get<InferResponse>(result), wanted);
  } catch (const RequestError& error) {
    return error_answer(error);
  }
}

// What is read before the JSON, and whose faults the reference server answers as plain text.
InferenceBody read_body(const HttpRequest& request, Encoding encoding, std::uint64_t limit) {
  InferenceBody body{request.body, std::nullopt};
  if (encoding != Encoding::kIdentity) {
    body.bytes = std::make_shared<const std::string>(decompress(*request.body, limit));
  }
  if (const auto length = request.head.header(kLengthHeader)) {
    body.json_length = json_length_of(*length, body.bytes->size());
  }
  return body;
}

}  // namespace

std::uint64_t body_limit_of(const ModelConfig& config, std::uint64_t limit) {
  std::uint64_t bytes = kJsonFrame;
  for (const TensorConfig& input : config.inputs) {
    const auto elements = counted_elements(input.dims);
    if (!elements || input.datatype == Datatype::kBytes) return limit;
    const std::uint64_t batch =
        static_cast<std::uint64_t>(std::max<std::int64_t>(config.max_batch_size, 1));
    const auto all = static_cast<std::uint64_t>(*elements);
    if (all > limit / batch / kJsonBytes) return limit;
    bytes += all * batch * kJsonBytes;
  }
  return std::min(bytes, limit);
}

HttpAnswer error_answer(const RequestError& error, const std::string& content_type) {
  return {http_status(error.fault()), content_type, {}, format_error(error.what())};
}

void answer_inference(Service& service, const std::string& model, const std::string& version,
                      HttpRequest request, std::uint64_t limit,
                      std::function<void(HttpAnswer)> reply) {
  const char* type = kErrorType;
  try {
    const auto config = service.model_config(model, version);
    const auto encoding = encoding_of(request.head.header("content-encoding").value_or(""));
    if (!encoding) {
      auto answer =
          error_answer({RequestFault::kUnsupported, "Unsupported compression type"}, type);
      answer.headers.emplace_back("Accept-Encoding", "gzip, deflate");
      reply(std::move(answer));
      return;
    }
    const InferenceBody body = read_body(request, *encoding, limit);
    type = "application/json";
    InferCall call{model, version, {}, body.bytes, request.gone};
    const bool raw = body.bytes->empty() || body.json_length == std::size_t{0};
    call.request = raw ? raw_request(*body.bytes, *config)
                       : parse_infer_request(*body.bytes, body.json_length, model);
    const Preferences wanted(request.head);
    service.infer(std::move(call),
                  [reply, wanted](const InferResult& result) { reply(answer_of(result, wanted)); });
  } catch (const RequestError& error) {
    reply(error_answer(error, type));
  }
}

}  // namespace scrim
