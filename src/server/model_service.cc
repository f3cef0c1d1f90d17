#include "server/model_service.h"

#include <scrim/status.h>

#include "base/check.h"

#include <algorithm>

namespace scrim {
namespace {

[[noreturn]] void poll_failure(const std::string& model) {
  throw RequestError(RequestFault::kInternal,
                     "failed to load '" + model + "', failed to poll from model repository");
}

void check_name(const std::string& model) {
  if (model == "." || model == ".." || model.find('/') != std::string::npos) {
    throw RequestError(RequestFault::kInvalid,
                       "invalid model name '" + model +
                           "', model name must not contain path traversal characters");
  }
}

TensorMetadata metadata_of(const TensorConfig& tensor, const ModelConfig& config) {
  TensorMetadata result{tensor.name, tensor.datatype, tensor.dims};
  if (config.max_batch_size > 0) result.shape.insert(result.shape.begin(), -1);
  return result;
}

}  // namespace

ModelService::ModelService(ServiceOptions options, Engines engines)
    : options_(std::move(options)),
      engines_(std::move(engines)),
      gate_(std::make_shared<ContractGate>(options_.contract)) {
  load_at_start();
  if (options_.control == ControlMode::kPoll)
    poller_ = std::jthread([this](const std::stop_token& stop) { poll(stop); });
}

ModelService::~ModelService() {
  draining_ = true;
  { const std::lock_guard lock(pending_mutex_); }
  pending_changed_.notify_all();
}

void ModelService::load_at_start() {
  std::vector<std::string> failed;
  const bool explicitly = options_.control == ControlMode::kExplicit;
  const bool all = !explicitly || options_.load == std::vector<std::string>{"*"};
  std::vector<std::string> wanted = options_.load;
  for (const ModelFolder& folder : list_models(options_.repositories)) {
    const bool named = std::erase(wanted, folder.name) > 0;
    if (!all && !named) continue;
    const Outcome outcome = try_load(folder, std::nullopt);
    if (outcome == Outcome::kFailed || (named && outcome == Outcome::kNoModel)) {
      failed.push_back(folder.name);
    }
    tried_[folder.name] = seen_[folder.name] = folder.fingerprint;
  }
  if (!all) failed.insert(failed.end(), wanted.begin(), wanted.end());
  if (failed.empty() || !options_.exit_on_error) return;
  std::string names;
  for (const std::string& name : failed) names += (names.empty() ? "'" : ", '") + name + "'";
  fail(ErrorCode::kUnavailable, "failed to load ", failed.size(),
       failed.size() == 1 ? " model: " : " models: ", names);
}

ModelService::Outcome ModelService::try_load(const ModelFolder& folder,
                                             const std::optional<std::string>& override_config) {
  std::shared_ptr<const ModelConfig> config;
  try {
    if (folder.ambiguous) {
      fail(ErrorCode::kInvalidArgument, "model appears in two or more repositories");
    }
    config = std::make_shared<const ModelConfig>(
        override_config ? parse_model_config_json(*override_config, folder.name)
                        : read_model_config(folder, options_.config_name));
    if (override_config) check_override(folder, *config);
  } catch (const Error& error) {
    options_.log("model '" + folder.name + "' not loaded: " + error.what());
    return Outcome::kNoModel;
  }
  const auto versions = served_versions(config->version_policy, folder.versions);
  registry_.loading(folder.name, versions);
  auto loaded = load_versions(
      folder, config, engines_,
      [&](std::int64_t version) { return registry_.record(folder.name, version); }, gate_);
  bool failed = loaded.empty();
  if (failed) options_.log("model '" + folder.name + "' has no version that its policy serves");
  for (const LoadedVersion& one : loaded) {
    failed = failed || !one.served;
    options_.log(
        "model '" + folder.name + "' version " + std::to_string(one.version) +
        (one.served ? sentence(" ready after ", one.seconds, " s") : " failed: " + one.fault));
  }
  registry_.replace(folder.name, std::move(loaded));
  return failed ? Outcome::kFailed : Outcome::kLoaded;
}

// A client that may load models may not open one that takes obfuscated activations only.
void ModelService::check_override(const ModelFolder& folder, const ModelConfig& config) const {
  std::map<std::string, std::string> own;
  try {
    own = read_model_config(folder, options_.config_name).parameters;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;  // no config on disk demands nothing
  }
  for (const char* key : {kContractParameter, kReleaseParameter, kWireParameter, kAlphaParameter}) {
    const auto demanded = own.find(key);
    if (demanded == own.end()) continue;
    const auto given = config.parameters.find(key);
    check(given != config.parameters.end() && given->second == demanded->second,
          "a config in a load request may not change the parameter ", key);
  }
}

std::optional<ModelFolder> ModelService::folder_of(const std::string& model) const {
  const auto folders = list_models(options_.repositories);
  const auto found = std::ranges::find(folders, model, &ModelFolder::name);
  return found == folders.end() ? std::nullopt : std::optional(*found);
}

bool ModelService::ready() const {
  return !draining_ && (!options_.strict_readiness || registry_.all_ready());
}

ServerMetadata ModelService::metadata() const {
  return {"scrim",
          std::string(version()),
          {"classification", "model_repository", "schedule_policy", "model_configuration",
           "binary_tensor_data", "parameters", "statistics"}};
}

bool ModelService::model_ready(const std::string& model, const std::string& version) const {
  return registry_.is_ready(model, version);
}

ModelMetadata ModelService::model_metadata(const std::string& model,
                                           const std::string& version) const {
  const auto config = model_config(model, version);
  ModelMetadata result{model, registry_.versions(model), config->platform, {}, {}};
  for (const auto& input : config->inputs) result.inputs.push_back(metadata_of(input, *config));
  for (const auto& output : config->outputs) result.outputs.push_back(metadata_of(output, *config));
  return result;
}

std::shared_ptr<const ModelConfig> ModelService::model_config(const std::string& model,
                                                              const std::string& version) const {
  return registry_.find(model, version)->config();
}

std::vector<ModelStatistics> ModelService::statistics(const std::string& model,
                                                      const std::string& version) const {
  std::vector<ModelStatistics> result;
  for (const auto& one : registry_.serving(model, version)) result.push_back(one->statistics());
  return result;
}

std::vector<IndexEntry> ModelService::index(bool ready_only) const {
  std::vector<std::string> on_disk;
  try {
    for (const ModelFolder& folder : list_models(options_.repositories)) {
      on_disk.push_back(folder.name);
    }
  } catch (const Error& error) {
    options_.log(error.what());  // what is loaded goes on
  }
  return registry_.index(on_disk, ready_only);
}

void ModelService::check_explicit() const {
  if (options_.control == ControlMode::kExplicit) return;
  throw RequestError(RequestFault::kUnavailable,
                     "explicit model load / unload is not allowed if polling is enabled");
}

void ModelService::load(const std::string& model, const std::optional<std::string>& config) {
  check_explicit();
  check_name(model);
  const std::lock_guard lock(loading_);
  std::optional<ModelFolder> folder;
  try {
    folder = folder_of(model);
  } catch (const Error& error) {
    options_.log(error.what());
  }
  if (!folder) poll_failure(model);
  switch (try_load(*folder, config)) {
    case Outcome::kLoaded:
      return;
    case Outcome::kNoModel:
      poll_failure(model);
    case Outcome::kFailed:
      break;
  }
  std::string reason = "no version that the version policy serves";
  for (const IndexEntry& entry : registry_.index({}, false)) {
    if (entry.name == model && entry.state == "UNAVAILABLE" && entry.reason != "unloaded") {
      reason = "version " + entry.version + " is at UNAVAILABLE state: " + entry.reason;
    }
  }
  throw RequestError(RequestFault::kInvalid, "load failed for model '" + model + "': " + reason);
}

void ModelService::unload(const std::string& model) {
  check_explicit();
  check_name(model);
  const std::lock_guard lock(loading_);
  registry_.retire(model, ModelRegistry::Retire::kKeep);
  options_.log("model '" + model.substr(0, 128) + "' unloaded");
}

void ModelService::infer(InferCall call, InferDone done) {
  std::shared_ptr<ServedModel> served;
  try {
    {
      // Counted before the look at draining_, so that drain() misses none.
      const std::lock_guard lock(pending_mutex_);
      ++pending_;
    }
    done = [this, done = std::move(done)](InferResult result) {
      done(std::move(result));
      const std::lock_guard lock(pending_mutex_);
      --pending_;
      pending_changed_.notify_all();
    };
    if (draining_) throw RequestError(RequestFault::kUnavailable, "the server is shutting down");
    served = registry_.find(call.model, call.version);
  } catch (const RequestError& error) {
    done(error);
    return;
  }
  served->infer(std::move(call), std::move(done));
}

bool ModelService::drain(std::chrono::milliseconds limit) {
  std::unique_lock lock(pending_mutex_);
  draining_ = true;
  return pending_changed_.wait_for(lock, limit, [this] { return pending_ == 0; });
}

void ModelService::poll(const std::stop_token& stop) {
  std::unique_lock lock(pending_mutex_);
  while (!draining_ && !stop.stop_requested()) {
    pending_changed_.wait_for(lock, stop, options_.poll_interval,
                              [this] { return draining_.load(); });
    if (draining_ || stop.stop_requested()) return;
    lock.unlock();
    poll_once();
    lock.lock();
  }
}

void ModelService::poll_once() {
  const std::lock_guard lock(loading_);
  std::vector<ModelFolder> folders;
  try {
    folders = list_models(options_.repositories);
  } catch (const Error& error) {
    options_.log(error.what());  // a repository that is away for a while: what is loaded goes on
    return;
  }
  for (const ModelFolder& folder : folders) {
    // A change that is still going on is left until it has stood still for one interval.
    const bool still = std::exchange(seen_[folder.name], folder.fingerprint) == folder.fingerprint;
    const auto tried = tried_.find(folder.name);
    if (!still || (tried != tried_.end() && tried->second == folder.fingerprint)) continue;
    tried_[folder.name] = folder.fingerprint;
    try_load(folder, std::nullopt);
  }
  for (const std::string& name : registry_.names()) {
    if (std::ranges::find(folders, name, &ModelFolder::name) != folders.end()) continue;
    if (tried_.erase(name) == 0) continue;
    seen_.erase(name);
    registry_.retire(name, ModelRegistry::Retire::kForget);
    options_.log("model '" + name + "' is gone from the repository and unloaded");
  }
}

}  // namespace scrim
