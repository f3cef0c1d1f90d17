// The service over a model repository on disk.
#pragma once

#include "repository/model_folder.h"
#include "server/engine.h"
#include "server/model_registry.h"
#include "server/service.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

namespace scrim {

enum class ControlMode { kNone, kExplicit, kPoll };

struct ServiceOptions {
  std::vector<std::filesystem::path> repositories;
  ControlMode control = ControlMode::kNone;
  std::vector<std::string> load = {};  // kExplicit: at the start; "*" alone for all
  std::chrono::milliseconds poll_interval{15'000};
  std::string config_name = {};  // of configs/NAME.pbtxt
  bool strict_readiness = true;  // a model that failed to load makes the server not ready
  bool exit_on_error = true;     // such a model at the start is an error
  ContractPolicy contract = {};  // of requests to a model with an obfuscation contract
  // One line of the operator's log; from any thread.
  std::function<void(const std::string&)> log = [](const std::string&) {};
};

class ModelService : public Service {
 public:
  // Loads what the control mode says. Throws kNotFound for a repository that is no folder,
  // kUnavailable if a model fails and exit_on_error is set.
  ModelService(ServiceOptions options, Engines engines);
  ~ModelService() override;

  bool live() const override { return true; }
  bool ready() const override;
  ServerMetadata metadata() const override;
  bool model_ready(const std::string& model, const std::string& version) const override;
  ModelMetadata model_metadata(const std::string& model, const std::string& version) const override;
  std::shared_ptr<const ModelConfig> model_config(const std::string& model,
                                                  const std::string& version) const override;
  std::vector<ModelStatistics> statistics(const std::string& model,
                                          const std::string& version) const override;
  std::vector<IndexEntry> index(bool ready_only) const override;
  void load(const std::string& model, const std::optional<std::string>& config) override;
  void unload(const std::string& model) override;
  void infer(InferCall call, InferDone done) override;
  bool drain(std::chrono::milliseconds limit) override;

 private:
  // How a model's last try ended.
  enum class Outcome { kLoaded, kNoModel, kFailed };

  void load_at_start();
  Outcome try_load(const ModelFolder& folder, const std::optional<std::string>& config);
  void check_override(const ModelFolder& folder, const ModelConfig& config) const;
  std::optional<ModelFolder> folder_of(const std::string& model) const;
  void poll(const std::stop_token& stop);
  void poll_once();
  void check_explicit() const;

  const ServiceOptions options_;
  const Engines engines_;
  const std::shared_ptr<ContractGate> gate_;
  ModelRegistry registry_;

  std::mutex loading_;  // one load at a time
  // kPoll: as last tried, and as last seen.
  std::map<std::string, std::uint64_t> tried_, seen_;

  std::atomic<bool> draining_ = false;
  std::mutex pending_mutex_;
  std::condition_variable_any pending_changed_;
  std::size_t pending_ = 0;
  std::jthread poller_;  // last: stops before the rest goes
};

}  // namespace scrim
