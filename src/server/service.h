// What the server does for a caller, however the call travelled: HTTP and gRPC are two front ends
// of this one class.
#pragma once

#include "protocol/message.h"
#include "protocol/request_error.h"
#include "repository/model_config.h"
#include "server/statistics.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace scrim {

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
  virtual ~Service() = default;

  virtual bool live() const = 0;
  // Every model that was to be loaded is ready, and drain() was not called.
  virtual bool ready() const = 0;
  virtual ServerMetadata metadata() const = 0;

  // False while a known version loads or has failed.
  virtual bool model_ready(const std::string& model, const std::string& version) const = 0;
  virtual ModelMetadata model_metadata(const std::string& model,
                                       const std::string& version) const = 0;
  // Stays valid when the model is unloaded.
  virtual std::shared_ptr<const ModelConfig> model_config(const std::string& model,
                                                          const std::string& version) const = 0;
  // An empty model is every model.
  virtual std::vector<ModelStatistics> statistics(const std::string& model,
                                                  const std::string& version) const = 0;

  virtual std::vector<IndexEntry> index(bool ready_only) const = 0;
  // `config` is JSON in place of the file's.
  virtual void load(const std::string& model, const std::optional<std::string>& config) = 0;
  virtual void unload(const std::string& model) = 0;

  // Returns at once; `done` is called exactly once, from any thread, maybe before this returns.
  // What is wrong with the call reaches `done` as well: nothing is thrown.
  virtual void infer(InferCall call, InferDone done) = 0;

  // No new inference; returns true when every accepted one is answered, or false after the limit.
  virtual bool drain(std::chrono::milliseconds limit) = 0;
};

}  // namespace scrim
