// Which versions of which models are there, and in what state.
#pragma once

#include "server/model_loader.h"
#include "server/service.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace scrim {

// Threads may share one. Functions that look something up throw RequestError in the reference
// server's sentences.
class ModelRegistry {
 public:
  // A version that serves; the newest for an empty `version`. kNotFound or kUnavailable.
  std::shared_ptr<ServedModel> find(const std::string& model, const std::string& version) const;
  // False for a version that is known and does not serve. kNotFound as find().
  bool is_ready(const std::string& model, const std::string& version) const;
  // Those that serve, ascending, of one model; kInvalid if there is none. All for an empty name.
  std::vector<std::shared_ptr<ServedModel>> serving(const std::string& model,
                                                    const std::string& version) const;
  std::vector<std::string> versions(const std::string& model) const;
  // One line for each version ever tried, and one for each of `on_disk` that never was.
  std::vector<IndexEntry> index(const std::vector<std::string>& on_disk, bool ready_only) const;
  // No version that was tried has failed or is on its way.
  bool all_ready() const;
  std::vector<std::string> names() const;

  // Its versions are on their way. Those that serve go on.
  void loading(const std::string& model, const std::vector<std::int64_t>& versions);
  // Puts what was loaded in place. A version that failed leaves the one that serves under its
  // number; versions that are not in `loaded` are retired once one of `loaded` serves.
  // What no longer serves is returned, to be let go without any lock.
  std::vector<std::shared_ptr<ServedModel>> replace(const std::string& model,
                                                    std::vector<LoadedVersion> loaded);
  // Retires all versions. A forgotten model leaves the index, and is still known to have been.
  enum class Retire { kKeep, kForget };
  std::vector<std::shared_ptr<ServedModel>> retire(const std::string& model, Retire how);

  // The same for every load of a version.
  std::shared_ptr<StatisticsRecord> record(const std::string& model, std::int64_t version);

 private:
  enum class State { kLoading, kReady, kUnavailable };
  struct Version {
    State state = State::kLoading;
    std::string reason;
    std::shared_ptr<ServedModel> served;  // also while it is loaded anew
  };
  using Versions = std::map<std::int64_t, Version>;

  const Versions& versions_of(const std::string& model) const;
  static std::int64_t number_of(const std::string& version);

  mutable std::mutex mutex_;
  std::map<std::string, Versions> models_;
  std::set<std::string> forgotten_;
  std::map<std::pair<std::string, std::int64_t>, std::shared_ptr<StatisticsRecord>> records_;
};

}  // namespace scrim
