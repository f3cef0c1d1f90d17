// The caller's side: noisy activations to a server that runs the tail, and its outputs back.
//
//   scrim::Client client("localhost:8000");
//   const auto outputs = client.infer("face_detection_noisy", noisy_activation).outputs;
#pragma once

#include <scrim/activation.h>
#include <scrim/key.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrim {

// Whom the client trusts and who it is. PEM texts, not paths; empty for none.
struct ClientTls {
  std::string authority = {};    // of the server's certificate; empty for the system's
  std::string certificate = {};  // the client's own, where the server asks for one
  std::string private_key = {};
  // "sha256//BASE64" of the server's public key; others are refused whatever certificate they show.
  std::string pinned_key = {};
};

// The key that a server knows this client by. Beside provenance it proves that nobody changed the
// tensor on the way. It is not the key of the noise, which never leaves the trusted zone.
struct ClientTag {
  std::string name;  // as the server lists it
  Key key;
};

struct ClientOptions {
  // Refuse models that do not declare the contract of the noisy activation's release.
  bool require_contract = true;
  bool allow_plain_http = false;  // beyond this machine; TLS needs no permission
  ClientTls tls = {};
  std::optional<ClientTag> tag = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // with every call, as a token
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{60'000};  // of one call, from its start to its last byte
  int retries = 2;  // of calls that only ask, where the connection fails; inference is sent once
  std::uint64_t max_answer_bytes = std::uint64_t{256} << 20;
  // below: affects time only
  bool json = false;  // tensors as JSON text and not as bytes: three times as slow
};

// What came back for one noisy activation.
struct Inference {
  std::vector<Tensor> outputs;  // in the order of the model's config
  std::string model_version;
  std::size_t bytes_sent = 0;      // of the request's body
  std::size_t bytes_received = 0;  // of the answer's
};

// What a server says of itself.
struct ServerDescription {
  std::string name, version;
};

// Calls one server of the Open Inference Protocol (KServe v2) over HTTP, scrim-server or Triton.
//
// Connections are kept and used again. Threads may share one client: each call in flight has a
// connection of its own. Nothing is sent before the first call.
//
// Every call throws kUnavailable (no connection, no answer in time, an overloaded server),
// kNotFound (no such model), kRefused (the server's contract or permission; a certificate or key
// that is not trusted), kInvalidArgument (the server calls the request wrong), kUnsupported, and
// kCorrupt (an answer that is none).
class Client {
 public:
  // `url` is HOST:PORT, http://HOST:PORT or https://HOST:PORT, with a path where the server has
  // one. Throws kInvalidArgument on anything else and on options out of range; kRefused for plain
  // HTTP to another machine without options.allow_plain_http.
  explicit Client(const std::string& url, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool live();
  bool ready();
  bool ready(const std::string& model);
  ServerDescription server();

  // Asks the model with the one thing that may leave the trusted zone. Before the first send to a
  // model, its contract is compared with the release's: throws kRefused, and sends nothing, where
  // the model declares another or none.
  Inference infer(const std::string& model, const NoisyActivation& noisy_activation);

  // Sends a tensor without noise: whoever runs the server sees what it holds. For comparisons and
  // for models that are no tail of a release; one input of FP32. Throws kRefused for a model with
  // an obfuscation contract.
  Inference infer_clean(const std::string& model, const Tensor& input);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrim
