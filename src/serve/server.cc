#include <scrim/server.h>

#include "base/check.h"
#include "rpc/grpc_server.h"
#include "serve/openvino_engine.h"
#include "serve/torchscript_engine.h"
#include "server/http_api.h"
#include "server/http_server.h"
#include "server/metrics.h"
#include "server/model_service.h"

#include <mutex>

namespace scrim {
namespace {

ControlMode mode_of(ModelControl control) {
  switch (control) {
    case ModelControl::kNone:
      return ControlMode::kNone;
    case ModelControl::kExplicit:
      return ControlMode::kExplicit;
    case ModelControl::kPoll:
      break;
  }
  return ControlMode::kPoll;
}

constexpr std::size_t kMostName = 128;  // of a client

ServiceOptions service_options(const ServerOptions& options) {
  ServiceOptions result;
  result.repositories = options.model_repositories;
  result.control = mode_of(options.model_control);
  result.load = options.load_models;
  result.poll_interval = options.poll_interval;
  result.config_name = options.model_config_name;
  result.strict_readiness = options.strict_readiness;
  result.exit_on_error = options.exit_on_error;
  result.contract.require_provenance = options.require_provenance;
  for (const ServerClient& client : options.clients) {
    check(!client.name.empty() && client.name.size() <= kMostName, "a client's name has 1 to ",
          kMostName, " characters, got ", client.name.size());
    check(result.contract.clients.emplace(client.name, client.key.bytes()).second, "client '",
          client.name, "' is named twice");
  }
  result.log = options.log;
  return result;
}

Engines engines_of(const ServerOptions& options) {
  Engines engines = {{"pytorch", torchscript_engines(options.log)}};
  add_openvino_engines(engines, options.log);
  return engines;
}

std::optional<TlsOptions> tls_options(const ServerOptions& options) {
  if (!options.tls) return std::nullopt;
  return TlsOptions{options.tls->certificate, options.tls->private_key,
                    options.tls->client_authority};
}

HttpServerOptions http_options(const ServerOptions& options, std::uint16_t port) {
  HttpServerOptions result;
  result.address = options.address;
  result.port = port;
  result.threads = options.http_threads;
  result.tls = tls_options(options);
  return result;
}

// One table for every front end.
Permissions permissions_of(const ServerOptions& options) {
  Permissions permissions;
  for (const std::string& text : options.restricted_apis) permissions.restrict_to(text);
  return permissions;
}

GrpcServerOptions grpc_options(const ServerOptions& options, std::uint16_t port) {
  GrpcServerOptions result;
  result.address = options.address;
  result.port = port;
  result.tls = tls_options(options);
  result.max_message_bytes = options.max_input_bytes;
  result.permissions = permissions_of(options);
  return result;
}

HttpApiOptions api_options(const ServerOptions& options) {
  HttpApiOptions result;
  result.max_input_bytes = options.max_input_bytes;
  result.permissions = permissions_of(options);
  return result;
}

const ServerOptions& checked(const ServerOptions& options) {
  constexpr std::uint64_t kLeastInput = std::uint64_t{1} << 10;
  constexpr std::uint64_t kMostInput = std::uint64_t{2} << 30;
  check(!options.model_repositories.empty(), "no model repository is given");
  check(options.http_threads >= 1 && options.http_threads <= 256, "http threads are ",
        options.http_threads, ", not 1 to 256");
  check(options.max_input_bytes >= kLeastInput && options.max_input_bytes <= kMostInput,
        "the largest input is ", options.max_input_bytes, " bytes, not ", kLeastInput, " to ",
        kMostInput);
  check(options.poll_interval.count() >= 1, "the poll interval is ", options.poll_interval.count(),
        " s, below 1");
  check(options.exit_timeout.count() >= 0, "the exit timeout is ", options.exit_timeout.count(),
        " s, below 0");
  return options;
}

}  // namespace

struct Server::Impl {
  explicit Impl(const ServerOptions& given)
      : options(checked(given)),
        service(service_options(options), engines_of(options)),
        api(service, api_options(options)),
        metrics_api(service) {
    if (options.http_port) http.emplace(api, http_options(options, *options.http_port));
    if (options.grpc_port) grpc.emplace(service, grpc_options(options, *options.grpc_port));
    if (options.metrics_port) {
      metrics.emplace(metrics_api, http_options(options, *options.metrics_port));
    }
  }

  ~Impl() { stop(); }

  bool stop() {
    const std::lock_guard lock(stopping);
    const auto end = std::chrono::steady_clock::now() + options.exit_timeout;
    const bool answered = service.drain(options.exit_timeout);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    const auto rest = std::max(left, std::chrono::milliseconds(0));
    for (auto* port : {&http, &metrics}) {
      if (*port) (*port)->stop(rest);
    }
    if (grpc) grpc->stop(rest);
    return answered;
  }

  const ServerOptions options;
  ModelService service;
  HttpApi api;
  MetricsApi metrics_api;
  std::mutex stopping;
  // Last: they close before what they ask goes.
  std::optional<HttpServer> http, metrics;
  std::optional<GrpcServer> grpc;
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(options)) {}

Server::~Server() = default;

std::optional<std::uint16_t> Server::http_port() const {
  return impl_->http ? std::optional(impl_->http->port()) : std::nullopt;
}

std::optional<std::uint16_t> Server::grpc_port() const {
  return impl_->grpc ? std::optional(impl_->grpc->port()) : std::nullopt;
}

std::optional<std::uint16_t> Server::metrics_port() const {
  return impl_->metrics ? std::optional(impl_->metrics->port()) : std::nullopt;
}

std::vector<std::string> Server::models() const {
  std::vector<std::string> names;
  for (const IndexEntry& entry : impl_->service.index(/*ready_only=*/true)) {
    names.push_back(entry.name + " version " + entry.version);
  }
  return names;
}

bool Server::stop() { return impl_->stop(); }

}  // namespace scrim
