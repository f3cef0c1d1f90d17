#include "flags.h"

#include <fstream>
#include <sstream>

namespace scrim::server_tool {
namespace {

std::string text_of(const std::string& flag, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw Error(ErrorCode::kNotFound, flag + " '" + path + "' cannot be read");
  return text.str();
}

std::uint16_t port_of(const std::string& flag, int port) {
  if (port < 0 || port > 65'535) {
    throw Error(ErrorCode::kInvalidArgument,
                flag + " is " + std::to_string(port) + ", not 0 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

ModelControl control_of(const std::string& text) {
  if (text == "none") return ModelControl::kNone;
  if (text == "explicit") return ModelControl::kExplicit;
  if (text == "poll") return ModelControl::kPoll;
  throw Error(ErrorCode::kInvalidArgument,
              "--model-control-mode is '" + text + "', not none, explicit or poll");
}

}  // namespace

void Flags::declare(CLI::App& app) {
  app.add_option("--model-repository,--model-store", model_repositories,
                 "folder of models, in Triton's layout; may be given several times")
      ->required()
      ->type_name("DIR");
  app.add_option("--model-control-mode", model_control,
                 "none: load all at the start; explicit: load by name; poll: follow the disk")
      ->type_name("MODE")
      ->capture_default_str();
  app.add_option("--load-model", load_models,
                 "explicit mode: load this one at the start, * for all; may be given several times")
      ->type_name("NAME");
  app.add_option("--repository-poll-secs", poll_seconds, "poll mode: how often to look")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--model-config-name", model_config_name,
                 "read configs/NAME.pbtxt where a model has it")
      ->type_name("NAME");
  app.add_option("--strict-readiness", strict_readiness, "ready only while every model is")
      ->type_name("BOOL")
      ->capture_default_str();
  app.add_option("--exit-on-error", exit_on_error, "end if a model fails at the start")
      ->type_name("BOOL")
      ->capture_default_str();

  declare_ports(app);
  app.add_option("--exit-timeout-secs", exit_timeout_seconds,
                 "how long accepted requests may take when the server ends")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--log-info", log_info, "say what is loaded and unloaded")
      ->type_name("BOOL")
      ->capture_default_str();
}

void Flags::declare_ports(CLI::App& app) {
  app.add_option("--http-address", address, "where to listen; 0.0.0.0 for every interface")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app.add_option("--allow-http", allow_http, "serve the protocol over HTTP")
      ->type_name("BOOL")
      ->capture_default_str();
  app.add_option("--http-port", http_port, "0 for any free one")
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--http-thread-count", http_threads, "threads that read and write")
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--http-max-input-size", max_input_bytes, "of one request")
      ->type_name("BYTES")
      ->capture_default_str();
  app.add_option("--allow-grpc", allow_grpc, "serve the protocol over gRPC")
      ->type_name("BOOL")
      ->capture_default_str();
  app.add_option("--grpc-port", grpc_port, "0 for any free one")
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--allow-metrics", allow_metrics, "serve /metrics for Prometheus")
      ->type_name("BOOL")
      ->capture_default_str();
  app.add_option("--metrics-port", metrics_port, "0 for any free one")
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--http-restricted-api,--grpc-restricted-protocol", restricted_apis,
                 "GROUP[,GROUP...]:KEY=VALUE; on every port these calls need that header")
      ->type_name("RULE");
  app.add_option("--require-provenance", require_provenance,
                 "models with an obfuscation contract refuse requests without release and alpha")
      ->type_name("BOOL")
      ->capture_default_str();
  app.add_option(
         "--contract-client", clients,
         "NAME=FILE: such models answer requests tagged with this key only; may be repeated")
      ->type_name("CLIENT");
  app.add_option("--tls-certificate", certificate_file, "PEM file; with it every port speaks TLS")
      ->type_name("FILE");
  app.add_option("--tls-private-key", private_key_file, "PEM file")->type_name("FILE");
  app.add_option("--tls-client-authority", client_authority_file,
                 "PEM file; clients must show a certificate of it")
      ->type_name("FILE");
}

ServerOptions Flags::options() const {
  ServerOptions options;
  options.model_repositories.assign(model_repositories.begin(), model_repositories.end());
  options.model_control = control_of(model_control);
  options.load_models = load_models;
  options.poll_interval = std::chrono::seconds(poll_seconds);
  options.model_config_name = model_config_name;
  options.strict_readiness = strict_readiness;
  options.exit_on_error = exit_on_error;
  options.address = address;
  options.http_port.reset();
  if (allow_http) options.http_port = port_of("--http-port", http_port);
  options.grpc_port.reset();
  if (allow_grpc) options.grpc_port = port_of("--grpc-port", grpc_port);
  options.metrics_port.reset();
  if (allow_metrics) options.metrics_port = port_of("--metrics-port", metrics_port);
  options.http_threads = http_threads;
  options.max_input_bytes = max_input_bytes;
  options.restricted_apis = restricted_apis;
  options.require_provenance = require_provenance;
  for (const std::string& client : clients) {
    const std::size_t equals = client.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorCode::kInvalidArgument,
                  "--contract-client is '" + client + "', not NAME=FILE");
    }
    options.clients.push_back({client.substr(0, equals), Key::load(client.substr(equals + 1))});
  }
  options.exit_timeout = std::chrono::seconds(exit_timeout_seconds);
  if (certificate_file.empty() != private_key_file.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "--tls-certificate and --tls-private-key belong together; one of them is missing");
  }
  if (!client_authority_file.empty() && certificate_file.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "--tls-client-authority needs --tls-certificate and --tls-private-key");
  }
  if (!certificate_file.empty()) {
    options.tls = ServerTls{text_of("--tls-certificate", certificate_file),
                            text_of("--tls-private-key", private_key_file),
                            client_authority_file.empty()
                                ? ""
                                : text_of("--tls-client-authority", client_authority_file)};
  }
  return options;
}

}  // namespace scrim::server_tool
