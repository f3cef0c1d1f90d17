#include "server/model_registry.h"

#include <algorithm>
#include <charconv>

namespace scrim {
namespace {

constexpr const char* kUnloaded = "unloaded";

[[noreturn]] void unknown(RequestFault fault, const std::string& model, const std::string& rest) {
  throw RequestError(fault, "Request for unknown model: '" + model + "'" + rest);
}

}  // namespace

std::int64_t ModelRegistry::number_of(const std::string& version) {
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  const bool whole = error == std::errc() && end == version.data() + version.size();
  if (!whole || number <= 0) {
    throw RequestError(RequestFault::kInvalid,
                       "failed to get model version from specified version string '" + version +
                           "' (details: stol), version should be an integral value > 0");
  }
  return number;
}

const ModelRegistry::Versions& ModelRegistry::versions_of(const std::string& model) const {
  const auto found = models_.find(model);
  if (found == models_.end()) unknown(RequestFault::kNotFound, model, " is not found");
  return found->second;
}

std::shared_ptr<ServedModel> ModelRegistry::find(const std::string& model,
                                                 const std::string& version) const {
  const std::int64_t number = version.empty() ? 0 : number_of(version);
  const std::lock_guard lock(mutex_);
  const Versions& versions = versions_of(model);
  if (version.empty()) {
    for (auto one = versions.rbegin(); one != versions.rend(); ++one) {
      if (one->second.served) return one->second.served;
    }
    unknown(RequestFault::kNotFound, model, " has no available versions");
  }
  const auto found = versions.find(number);
  const std::string of_version = " version " + std::to_string(number) + " is not ";
  if (found == versions.end()) unknown(RequestFault::kNotFound, model, of_version + "found");
  if (!found->second.served) {
    unknown(RequestFault::kUnavailable, model, of_version + "at ready state");
  }
  return found->second.served;
}

bool ModelRegistry::is_ready(const std::string& model, const std::string& version) const {
  try {
    return find(model, version) != nullptr;
  } catch (const RequestError& error) {
    if (error.fault() != RequestFault::kUnavailable) throw;
    return false;
  }
}

std::vector<std::shared_ptr<ServedModel>> ModelRegistry::serving(const std::string& model,
                                                                 const std::string& version) const {
  const std::int64_t number = version.empty() ? 0 : number_of(version);
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ServedModel>> result;
  for (const auto& [name, versions] : models_) {
    if (!model.empty() && name != model) continue;
    for (const auto& [at, one] : versions) {
      if (one.served && (number == 0 || number == at)) result.push_back(one.served);
    }
  }
  if (result.empty() && !model.empty()) {
    throw RequestError(RequestFault::kInvalid, "requested model '" + model + "' is not available");
  }
  return result;
}

std::vector<std::string> ModelRegistry::versions(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& [at, one] : versions_of(model)) {
    if (one.served) result.push_back(std::to_string(at));
  }
  return result;
}

std::vector<IndexEntry> ModelRegistry::index(const std::vector<std::string>& on_disk,
                                             bool ready_only) const {
  const std::lock_guard lock(mutex_);
  std::vector<IndexEntry> entries;
  for (const auto& [name, versions] : models_) {
    if (forgotten_.contains(name)) continue;
    for (const auto& [at, one] : versions) {
      const bool ready = one.state == State::kReady;
      if (ready_only && !ready) continue;
      const char* state = one.state == State::kLoading ? "LOADING"
                          : ready                      ? "READY"
                                                       : "UNAVAILABLE";
      entries.push_back({name, std::to_string(at), state, one.reason});
    }
  }
  for (const std::string& name : on_disk) {
    if (!ready_only && !models_.contains(name)) entries.push_back({name, "", "", ""});
  }
  std::ranges::stable_sort(entries, {}, &IndexEntry::name);
  return entries;
}

bool ModelRegistry::all_ready() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, versions] : models_) {
    for (const auto& [at, one] : versions) {
      if (one.state == State::kLoading && !one.served) return false;
      if (one.state == State::kUnavailable && one.reason != kUnloaded) return false;
    }
  }
  return true;
}

std::vector<std::string> ModelRegistry::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const auto& [name, versions] : models_) result.push_back(name);
  return result;
}

void ModelRegistry::loading(const std::string& model, const std::vector<std::int64_t>& versions) {
  const std::lock_guard lock(mutex_);
  forgotten_.erase(model);
  for (const std::int64_t version : versions) {
    Version& one = models_[model][version];
    one.state = one.served ? State::kReady : State::kLoading;
    if (!one.served) one.reason.clear();
  }
}

std::vector<std::shared_ptr<ServedModel>> ModelRegistry::replace(
    const std::string& model, std::vector<LoadedVersion> loaded) {
  const std::lock_guard lock(mutex_);
  Versions& versions = models_[model];
  std::vector<std::shared_ptr<ServedModel>> retired;
  for (LoadedVersion& one : loaded) {
    Version& version = versions[one.version];
    if (one.served) {
      retired.push_back(std::exchange(version.served, std::move(one.served)));
      version.state = State::kReady;
      version.reason.clear();
    } else if (!version.served) {
      version.state = State::kUnavailable;
      version.reason = one.fault;
    }
  }
  const bool served = std::ranges::any_of(
      loaded, [&](const LoadedVersion& one) { return versions[one.version].served != nullptr; });
  for (auto& [at, version] : versions) {
    const bool wanted = std::ranges::find(loaded, at, &LoadedVersion::version) != loaded.end();
    if (wanted || !served) continue;
    retired.push_back(std::move(version.served));
    version = {State::kUnavailable, kUnloaded, nullptr};
  }
  return retired;
}

std::vector<std::shared_ptr<ServedModel>> ModelRegistry::retire(const std::string& model,
                                                                Retire how) {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<ServedModel>> retired;
  const auto found = models_.find(model);
  if (found == models_.end()) return retired;
  for (auto& [at, version] : found->second) {
    retired.push_back(std::move(version.served));
    version = {State::kUnavailable, kUnloaded, nullptr};
  }
  if (how == Retire::kForget) forgotten_.insert(model);
  return retired;
}

std::shared_ptr<StatisticsRecord> ModelRegistry::record(const std::string& model,
                                                        std::int64_t version) {
  const std::lock_guard lock(mutex_);
  auto& record = records_[{model, version}];
  if (!record) record = std::make_shared<StatisticsRecord>(model, std::to_string(version));
  return record;
}

}  // namespace scrim
