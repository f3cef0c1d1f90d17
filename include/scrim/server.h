// An inference server for models on disk: the Open Inference Protocol (KServe v2) as Triton speaks
// it, over the model repository layout that Triton reads.
//
//   scrim::Server server({.model_repositories = {"models"}});
//   ... until it is to end ...
//   server.stop();
#pragma once

#include <scrim/key.h>
#include <scrim/status.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

// Which models are loaded, and when.
enum class ModelControl {
  kNone,      // all at the start, and never again
  kExplicit,  // those of load_models at the start, then as clients ask by name
  kPoll,      // all at the start, then as the repository on disk changes
};

// A port of the server. Without certificate and key it speaks no TLS; with client_authority clients
// must show a certificate of that authority. PEM texts, not paths.
struct ServerTls {
  std::string certificate;
  std::string private_key;
  std::string client_authority = {};
};

// Somebody who may ask models with an obfuscation contract, and the key that their requests are
// tagged with.
struct ServerClient {
  std::string name;  // 1 to 128 characters; the label of what they have sent, in the metrics
  Key key;
};

struct ServerOptions {
  std::vector<std::filesystem::path> model_repositories = {};
  ModelControl model_control = ModelControl::kNone;
  std::vector<std::string> load_models = {};  // kExplicit; "*" alone for all
  std::chrono::seconds poll_interval{15};
  std::string model_config_name = {};  // reads configs/NAME.pbtxt where a model has it
  bool strict_readiness = true;        // ready only while every model is
  bool exit_on_error = true;           // a model that fails at the start is an error

  std::string address = "127.0.0.1";                 // loopback: others must be asked for
  std::optional<std::uint16_t> http_port = 8000;     // 0 for any free one; nothing for none
  std::optional<std::uint16_t> grpc_port = 8001;     // the same
  std::optional<std::uint16_t> metrics_port = 8002;  // the same
  int http_threads = 4;
  std::uint64_t max_input_bytes = std::uint64_t{64} << 20;  // of one request, 1 KiB to 2 GiB
  std::optional<ServerTls> tls = {};
  // "GROUP[,GROUP...]:KEY=VALUE": calls of these groups need the header KEY of that VALUE, or over
  // gRPC the metadata triton-grpc-protocol-KEY. Groups: health, metadata, inference, shared-memory,
  // model-config, model-repository, statistics, trace, logging.
  std::vector<std::string> restricted_apis = {};
  // Requests to a model with an obfuscation contract must name their release and alpha. Without,
  // those that name none are held against the contract's smallest noise.
  bool require_provenance = true;
  // With any, such requests must carry the tag of one of them.
  std::vector<ServerClient> clients = {};
  std::chrono::seconds exit_timeout{30};  // for requests that have been accepted, when it stops

  // One line of the operator's log at a time, from any thread. It may name files and reasons, and
  // never holds data of a request.
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

// Serves from construction on. Threads may share one.
class Server {
 public:
  // Throws kInvalidArgument (a number out of its range, an address or certificate that is none),
  // kNotFound (no such repository), kUnavailable (a port that is taken; a model that fails).
  explicit Server(ServerOptions options);
  // As stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What is listened on; nothing where the options say so.
  std::optional<std::uint16_t> http_port() const;
  std::optional<std::uint16_t> grpc_port() const;
  std::optional<std::uint16_t> metrics_port() const;
  // "NAME version N" of each model that serves, by name.
  std::vector<std::string> models() const;

  // Takes no more, answers what was accepted, and closes. False if exit_timeout ended it before
  // everything was answered.
  bool stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrim
