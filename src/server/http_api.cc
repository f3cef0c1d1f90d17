#include "server/http_api.h"

#include "protocol/infer_response.h"
#include "protocol/request_json.h"
#include "server/http_inference.h"
#include "server/service_json.h"

namespace scrim {
namespace {

constexpr const char* kPlainText = "text/plain";
// A config override with room to spare.
constexpr std::uint64_t kControlBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kOtherBytes = std::uint64_t{64} << 10;

[[noreturn]] void unsupported(const std::string& sentence) {
  throw RequestError(RequestFault::kUnsupported, sentence);
}

HttpAnswer json_answer(std::string body) { return {200, "application/json", {}, std::move(body)}; }

HttpAnswer health_answer(bool good) { return {good ? 200 : 400, kPlainText, {}, ""}; }

HttpAnswer not_found() { return {404, kPlainText, {}, format_error("Not Found")}; }

HttpAnswer restricted(const std::string& header) {
  return {403,
          kPlainText,
          {},
          format_error("This API is restricted, expecting header '" + header + "'")};
}

HttpAnswer wrong_method(const RouteMatch& match) {
  return {405,
          match.plain_refusal ? kPlainText : "application/json",
          {},
          format_error("Method Not Allowed")};
}

// An empty body is an empty object.
RequestJson parse_control(const std::string& body) {
  return parse_request_json(body.empty() ? "{}" : body);
}

bool wants_ready_only(const std::string& body) {
  const RequestJson document = parse_control(body);
  const RequestValue* ready = member(document, "ready");
  return ready != nullptr && as_bool(*ready, "Unable to parse 'ready'");
}

// The config of a load request's parameters. Files over the network are never taken.
std::optional<std::string> config_override(const std::string& model, const std::string& body) {
  const RequestJson document = parse_control(body);
  const RequestValue* parameters = member(document, "parameters");
  if (parameters == nullptr) return std::nullopt;
  if (!parameters->IsObject()) fail_as("Unable to parse 'parameters'", "object", "object");
  std::optional<std::string> config;
  bool files = false;
  for (const auto& one : parameters->GetObject()) {
    const std::string key(one.name.GetString(), one.name.GetStringLength());
    const bool file = key.starts_with("file:");
    if (key != "config" && !file) {
      throw RequestError(RequestFault::kInternal, "unexpected error on creating Triton parameter");
    }
    if (!one.value.IsString()) {
      throw RequestError(RequestFault::kInternal, "attempt to access JSON non-string as string");
    }
    files = files || file;
    if (!file) config = std::string(one.value.GetString(), one.value.GetStringLength());
  }
  if (files && !config) {
    throw RequestError(RequestFault::kInternal,
                       "failed to load '" + model + "', failed to poll from model repository");
  }
  if (files) unsupported("files of a model are not taken over the network");
  return config;
}

// A wrong type is refused; the model stays.
void check_unload(const std::string& body) {
  const RequestJson document = parse_control(body);
  const RequestValue* parameters = member(document, "parameters");
  if (parameters == nullptr) return;
  if (!parameters->IsObject()) fail_as("Unable to parse 'parameters'", "object", "object");
  if (const RequestValue* value = member(*parameters, "unload_dependents")) {
    as_bool(*value, "Unable to parse 'unload_dependents'");
  }
}

HttpAnswer logging_answer() {
  return json_answer(R"({"log_file":"","log_info":true,"log_warning":true,"log_error":true,)"
                     R"("log_verbose_level":0,"log_format":"default"})");
}

HttpAnswer region_answer(std::string_view target, const std::string& region) {
  const char* kind = target.starts_with("/v2/cuda") ? "cuda" : "system";
  throw RequestError(RequestFault::kNotFound, std::string("Unable to find ") + kind +
                                                  " shared memory region: '" + region + "'");
}

// Of the routes whose faults the reference server answers as plain text.
const char* fault_type(HttpCall call) {
  return call == HttpCall::kModelReady ? kPlainText : "application/json";
}

}  // namespace

HttpHandler::Plan HttpApi::plan(const HttpHead& head) {
  const RouteMatch match = match_route(head.method, head.target);
  if (match.route == nullptr) return {kOtherBytes, std::nullopt};
  // Before a byte of the body is read.
  const auto missing = options_.permissions.missing(
      match.route->group, [&head](std::string_view name) { return head.header(name); });
  if (missing) return {0, restricted(*missing)};
  switch (match.route->call) {
    case HttpCall::kInfer:
      break;
    case HttpCall::kLoad:
    case HttpCall::kUnload:
      return {kControlBytes, std::nullopt};
    default:
      return {kOtherBytes, std::nullopt};
  }
  try {
    const auto config = service_.model_config(match.model, match.version);
    return {body_limit_of(*config, options_.max_input_bytes), std::nullopt};
  } catch (const RequestError&) {
    return {options_.max_input_bytes, std::nullopt};  // the answer says which model is missing
  }
}

HttpAnswer HttpApi::too_large(const HttpHead&, std::uint64_t limit) {
  return {400,
          "application/json",
          {},
          format_error("the request body exceeds the maximum allowed value of " +
                       std::to_string(limit) +
                       " bytes. Use --http-max-input-size to increase the limit.")};
}

void HttpApi::handle(HttpRequest request, std::function<void(HttpAnswer)> reply) {
  const RouteMatch match = match_route(request.head.method, request.head.target);
  if (match.route == nullptr) {
    reply(match.known_path ? wrong_method(match) : not_found());
    return;
  }
  if (match.route->call == HttpCall::kInfer) {
    answer_inference(service_, match.model, match.version, std::move(request),
                     options_.max_input_bytes, std::move(reply));
    return;
  }
  HttpAnswer result;
  try {
    result = answer(match, request);
  } catch (const RequestError& error) {
    result = error_answer(error, fault_type(match.route->call));
  }
  reply(std::move(result));
}

HttpAnswer HttpApi::answer(const RouteMatch& match, const HttpRequest& request) {
  const std::string &model = match.model, &version = match.version;
  switch (match.route->call) {
    case HttpCall::kLive:
      return health_answer(service_.live());
    case HttpCall::kReady:
      return health_answer(service_.ready());
    case HttpCall::kServerMetadata:
      return json_answer(to_json(service_.metadata()));
    case HttpCall::kModelReady:
      if (service_.model_ready(model, version)) return health_answer(true);
      return {400, kPlainText, {}, format_error("Model version not ready")};
    case HttpCall::kModelMetadata:
      return json_answer(to_json(service_.model_metadata(model, version)));
    case HttpCall::kModelConfig:
      return json_answer(service_.model_config(model, version)->json);
    case HttpCall::kModelStatistics:
    case HttpCall::kAllStatistics:
      return json_answer(to_json(service_.statistics(model, version)));
    case HttpCall::kIndex:
      return json_answer(to_json(service_.index(wants_ready_only(*request.body))));
    case HttpCall::kLoad:
      service_.load(model, config_override(model, *request.body));
      return json_answer("");
    case HttpCall::kUnload:
      check_unload(*request.body);
      service_.unload(model);
      return json_answer("");
    case HttpCall::kNamedRepositoryControl:
      unsupported("'repository_name' specification is not supported");
    case HttpCall::kSharedMemoryStatus:
      return json_answer("[]");
    case HttpCall::kSharedMemoryRegionStatus:
      return region_answer(request.head.target, match.region);
    case HttpCall::kSharedMemoryChange:
      unsupported(
          "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to "
          "enable.");
    case HttpCall::kReadLogging:
      return logging_answer();
    case HttpCall::kChangeLogging:
      unsupported("log settings are not changed over the network");
    case HttpCall::kTrace:
      throw RequestError(RequestFault::kUnavailable, "the server does not support tracing");
    case HttpCall::kInfer:
      break;
  }
  return not_found();
}

}  // namespace scrim
