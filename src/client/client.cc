#include <scrim/client.h>

#include "base/check.h"
#include "base/json.h"
#include "client/http_caller.h"
#include "client/model_contract.h"
#include "client/wire_inputs.h"
#include "kernels/quantise.h"
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "protocol/provenance.h"
#include "protocol/request_error.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <mutex>

namespace scrim {
namespace {

constexpr long kOk = 200;
constexpr std::size_t kMostOfSentence = 300;

void check_options(const ClientOptions& options) {
  check(options.connect_timeout.count() > 0, "the connect timeout is ",
        options.connect_timeout.count(), " ms, not above 0");
  check(options.timeout.count() > 0, "the timeout is ", options.timeout.count(),
        " ms, not above 0");
  check(0 <= options.retries && options.retries <= 10, "retries are ", options.retries,
        ", not 0 to 10");
  check(options.tls.certificate.empty() == options.tls.private_key.empty(),
        "a client's certificate and private key belong together; one of them is missing");
  for (const auto& [name, value] : options.headers) {
    const bool plain = !name.empty() && (name + value).find_first_of("\r\n") == std::string::npos &&
                       name.find(':') == std::string::npos;
    check(plain, "a header has a name without ':' and no line break");
  }
  if (options.tag) check(!options.tag->name.empty(), "a client that tags has a name");
}

std::string model_path(const std::string& model) {
  const bool plain = !model.empty() && std::ranges::all_of(model, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
  check(plain && model.find("..") == std::string::npos, "'", model.substr(0, 128),
        "' is no name of a model: letters, digits, '.', '_' and '-', no '..'");
  return "/v2/models/" + model;
}

ErrorCode code_of(long status) {
  switch (status) {
    case 400:
    case 413:
      return ErrorCode::kInvalidArgument;
    case 401:
    case 403:
    case 422:
      return ErrorCode::kRefused;
    case 404:
      return ErrorCode::kNotFound;
    case 501:
      return ErrorCode::kUnsupported;
    default:
      return ErrorCode::kUnavailable;
  }
}

// Throws what the server refuses with, in its own words as far as they are printable.
void check_status(const HttpReply& reply, const std::string& host) {
  if (reply.status == kOk) return;
  std::string words = error_in(reply.body).value_or("");
  std::ranges::replace_if(
      words, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  if (words.size() > kMostOfSentence) words = words.substr(0, kMostOfSentence) + "...";
  fail(code_of(reply.status), "server ", host, " answers with status ", reply.status,
       words.empty() ? "" : ": " + words);
}

std::optional<std::size_t> json_length_in(const HttpReply& reply) {
  if (!reply.json_length) return std::nullopt;
  std::size_t length = 0;
  const char* end = reply.json_length->data() + reply.json_length->size();
  const auto [stop, error] = std::from_chars(reply.json_length->data(), end, length);
  if (error != std::errc() || stop != end) {
    fail(ErrorCode::kCorrupt,
         "the server's answer has an Inference-Header-Content-Length that is "
         "no number");
  }
  return length;
}

Tensor tensor_of(const TensorMessage& output) {
  const std::string_view bytes = output.bytes.view();
  Tensor tensor{output.shape, {}};
  if (output.datatype == Datatype::kFp32) {
    tensor.values.resize(bytes.size() / sizeof(float));
    std::memcpy(tensor.values.data(), bytes.data(), bytes.size());
  } else if (output.datatype == Datatype::kFp16) {
    std::vector<std::uint16_t> halves(bytes.size() / sizeof(std::uint16_t));
    std::memcpy(halves.data(), bytes.data(), bytes.size());
    tensor.values.resize(halves.size());
    from_half(halves, tensor.values);
  } else {
    fail(ErrorCode::kUnsupported, "output '", output.name, "' is ", name(output.datatype),
         ", and this client reads FP32 and FP16");
  }
  return tensor;
}

// All outputs in the order of the config.
std::vector<Tensor> outputs_of(const InferResponse& response,
                               const std::vector<std::string>& names) {
  std::vector<Tensor> outputs;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(response.outputs, name, &TensorMessage::name);
    if (found == response.outputs.end()) {
      fail(ErrorCode::kCorrupt, "the server's answer lacks output '", name, "'");
    }
    outputs.push_back(tensor_of(*found));
  }
  return outputs;
}

}  // namespace

struct Client::Impl {
  Impl(const std::string& url, ClientOptions given)
      : options(std::move(given)), caller(parse_server_url(url), options) {
    check_options(options);
  }

  HttpReply ask(const std::string& path) {
    HttpReply reply = caller.get(path);
    check_status(reply, caller.host());
    return reply;
  }

  std::shared_ptr<const ModelContract> contract_of(const std::string& model) {
    {
      const std::lock_guard lock(mutex);
      const auto known = contracts.find(model);
      if (known != contracts.end()) return known->second;
    }
    const HttpReply reply = ask(model_path(model) + "/config");
    auto contract = std::make_shared<const ModelContract>(parse_model_contract(reply.body, model));
    const std::lock_guard lock(mutex);
    return contracts[model] = contract;
  }

  void forget(const std::string& model) {
    const std::lock_guard lock(mutex);
    contracts.erase(model);
  }

  // Who sends, and the proof. The tag is over the inputs as they are.
  void add_provenance(const std::string& model, const ModelContract& contract,
                      const NoisyActivation& noisy_activation, InferRequest& request) const {
    Provenance provenance{.release = noisy_activation.release_id(),
                          .alpha = noisy_activation.alpha(),
                          .wire = std::string(wire_name(contract.wire)),
                          .fresh_nonce = noisy_activation.fresh_nonce(),
                          .client = options.tag ? options.tag->name : ""};
    request.parameters = provenance_parameters(provenance);
    if (!options.tag) return;
    const Digest tag = provenance_tag(options.tag->key.bytes(), model, provenance, request.inputs);
    request.parameters[kTagParameter] = hex(tag);
  }

  Inference send(const std::string& model, InferRequest request, const ModelContract& contract) {
    for (TensorMessage& input : request.inputs) input.binary = !options.json;
    // JSON has no FP16, in which models for a wire answer.
    request.binary_outputs = !options.json || contract.wire != WireType::kFp32;
    HttpBody body;
    try {
      body = format_infer_request(request);
    } catch (const RequestError& error) {
      fail(ErrorCode::kUnsupported, error.what());
    }
    const HttpReply reply = caller.post(model_path(model) + "/infer", body.bytes, body.json_length);
    if (reply.status != kOk) forget(model);  // it may have been replaced
    check_status(reply, caller.host());
    const InferResponse response = parse_infer_response(reply.body, json_length_in(reply));
    return {.outputs = outputs_of(response, contract.outputs),
            .model_version = response.model_version,
            .bytes_sent = body.bytes.size(),
            .bytes_received = reply.body.size()};
  }

  const ClientOptions options;
  HttpCaller caller;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const ModelContract>> contracts;
};

Client::Client(const std::string& url, ClientOptions options)
    : impl_(std::make_unique<Impl>(url, std::move(options))) {}

Client::~Client() = default;

bool Client::live() { return impl_->caller.get("/v2/health/live").status == kOk; }

bool Client::ready() { return impl_->caller.get("/v2/health/ready").status == kOk; }

bool Client::ready(const std::string& model) {
  return impl_->caller.get(model_path(model) + "/ready").status == kOk;
}

ServerDescription Client::server() {
  const HttpReply reply = impl_->ask("/v2");
  try {
    const Json json = parse_json(reply.body, "the server's description");
    return {json.at("name").get<std::string>(), json.at("version").get<std::string>()};
  } catch (const Json::exception&) {
    fail(ErrorCode::kCorrupt, "server ", impl_->caller.host(), " does not say its name");
  }
}

Inference Client::infer(const std::string& model, const NoisyActivation& noisy_activation) {
  const auto contract = impl_->contract_of(model);
  if (impl_->options.require_contract || !contract->digest.empty()) {
    check_model_contract(*contract, model, noisy_activation);
  }
  InferRequest request;
  request.inputs = wire_inputs(noisy_activation, *contract);
  impl_->add_provenance(model, *contract, noisy_activation, request);
  return impl_->send(model, std::move(request), *contract);
}

Inference Client::infer_clean(const std::string& model, const Tensor& input) {
  const auto contract = impl_->contract_of(model);
  if (!contract->digest.empty()) {
    fail(ErrorCode::kRefused, "nothing was sent: model '", model,
         "' takes obfuscated activations only");
  }
  check(contract->inputs.size() == 1, "model '", model, "' has ", contract->inputs.size(),
        " inputs, and one tensor is given");
  InferRequest request;
  request.inputs.push_back(fp32_input(contract->inputs.front(), input));
  return impl_->send(model, std::move(request), *contract);
}

}  // namespace scrim
