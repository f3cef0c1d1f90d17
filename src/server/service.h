// What the server does for a caller, however the call travelled: HTTP and gRPC are two front ends
// of this one class.
#pragma once

#include "protocol/message.h"
#include "protocol/request_error.h"
#include "server/engine.h"
#include "server/statistics.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace scrim {

enum class ControlMode { kNone, kExplicit, kPoll };

struct ServiceOptions {
  std::vector<std::filesystem::path> repositories;
  ControlMode control = ControlMode::kNone;
  std::vector<std::string> load;  // kExplicit: at the start; "*" for all
  std::chrono::milliseconds poll_interval{15'000};
  std::string config_name;  // of configs/NAME.pbtxt
  bool strict_readiness = true;
  std::function<void(const std::string&)> log = [](const std::string&) {};  // any thread
};

struct ServerMetadata {
  std::string name, version;
  std::vector<std::string> extensions;
};

struct TensorMetadata {
  std::string name;
  Datatype datatype = Datatype::kFp32;
  std::vector<std::int64_t> shape;  // with the batch dimension, as -1
};

struct ModelMetadata {
  std::string name;
  std::vector<std::string> versions;
  std::string platform;
  std::vector<TensorMetadata> inputs, outputs;
};

// A line of the repository's index. Without a version the model was never loaded.
struct IndexEntry {
  std::string name, version, state, reason;  // empty: not shown
};

// One inference as a front end has read it.
struct InferCall {
  std::string model;
  std::string version;  // empty for the policy's newest
  InferRequest request;
  std::shared_ptr<const void> body;  // what request.inputs borrow from
  std::stop_token gone;              // the caller has left: the work is dropped where it waits
};

using InferResult = std::variant<InferResponse, RequestError>;
using InferDone = std::function<void(InferResult)>;

// Every function may be called from any thread, and throws RequestError. An empty version is the
// newest that is served.
class Service {
 public:
  // Loads what the control mode says. Throws Error, after a log line for each model, if one of them fails.
  Service(ServiceOptions options, Engines engines);
  // As drain(), with no limit.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  bool live() const;
  // Every model that was to be loaded is ready, and drain() was not called.
  bool ready() const;
  ServerMetadata metadata() const;

  // False while a known version loads or has failed.
  bool model_ready(const std::string& model, const std::string& version) const;
  ModelMetadata model_metadata(const std::string& model, const std::string& version) const;
  // Stays valid when the model is unloaded.
  std::shared_ptr<const ModelConfig> model_config(const std::string& model,
                                                  const std::string& version) const;
  // An empty model is every model.
  std::vector<ModelStatistics> statistics(const std::string& model,
                                          const std::string& version) const;

  std::vector<IndexEntry> index(bool ready_only) const;
  // `config` is JSON in place of the file's.
  void load(const std::string& model, const std::optional<std::string>& config);
  void unload(const std::string& model);

  // The inputs' config of the named model, so that a front end can read a raw tensor; throws as infer().
  // Returns at once; `done` is called exactly once, from any thread, maybe before this returns.
  // What is wrong with the call reaches `done` as well: nothing is thrown.
  void infer(InferCall call, InferDone done);

  // No new inference; returns when every accepted one is answered, or false after the limit.
  bool drain(std::chrono::milliseconds limit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrim
