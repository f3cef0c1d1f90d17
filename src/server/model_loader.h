// From a folder of the model repository to versions that serve.
#pragma once

#include "repository/model_folder.h"
#include "server/served_model.h"

#include <memory>
#include <string>
#include <vector>

namespace scrim {

// One version, or why it does not serve: a sentence for a client.
struct LoadedVersion {
  std::int64_t version = 0;
  std::shared_ptr<ServedModel> served;
  std::string fault;
  double seconds = 0;
};

// Every version of `folder` that the config's policy serves: the file opened once for each
// instance, and the warm-up run on each of them. `record_of` gives the statistics of a version.
std::vector<LoadedVersion> load_versions(
    const ModelFolder& folder, const std::shared_ptr<const ModelConfig>& config,
    const Engines& engines,
    const std::function<std::shared_ptr<StatisticsRecord>(std::int64_t)>& record_of,
    const std::shared_ptr<ContractGate>& gate = std::make_shared<ContractGate>());

}  // namespace scrim
