#include "server/model_loader.h"

#include "base/check.h"
#include "server/batch.h"
#include "server/warmup.h"

#include <filesystem>

namespace scrim {
namespace {

void warm_up(Engine& engine, const ModelConfig& config, const std::filesystem::path& folder) {
  for (const Warmup& warmup : config.warmups) {
    const auto inputs = warmup_inputs(warmup, config, folder);
    for (std::uint32_t i = 0; i < std::max(warmup.count, 1U); ++i) {
      auto outputs = engine.run(inputs);
      check_outputs(outputs, config, config.max_batch_size > 0 ? inputs.at(0).shape.at(0) : 0);
    }
  }
}

std::shared_ptr<ServedModel> open(const ModelFolder& folder,
                                  const std::shared_ptr<const ModelConfig>& config,
                                  std::int64_t version, const EngineFactory& engine,
                                  std::shared_ptr<StatisticsRecord> record,
                                  std::shared_ptr<ContractGate> gate) {
  const std::filesystem::path file = model_file(folder, *config, version);
  if (std::error_code error; !std::filesystem::is_regular_file(file, error)) {
    fail(ErrorCode::kNotFound, "the model has no file '", file.filename().string(), "'");
  }
  std::vector<std::unique_ptr<Engine>> instances;
  for (std::uint32_t i = 0; i < config->instances; ++i) {
    instances.push_back(engine(*config, file));
    warm_up(*instances.back(), *config, folder.path);
  }
  Labels labels;
  for (const TensorConfig& output : config->outputs) {
    if (!output.label_filename.empty()) labels[output.name] = read_labels(folder, output);
  }
  return std::make_shared<ServedModel>(config, std::to_string(version), std::move(instances),
                                       std::move(labels), std::move(record), std::move(gate));
}

}  // namespace

std::vector<LoadedVersion> load_versions(
    const ModelFolder& folder, const std::shared_ptr<const ModelConfig>& config,
    const Engines& engines,
    const std::function<std::shared_ptr<StatisticsRecord>(std::int64_t)>& record_of,
    const std::shared_ptr<ContractGate>& gate) {
  std::vector<LoadedVersion> loaded;
  const auto engine = engines.find(config->backend);
  for (const std::int64_t version : served_versions(config->version_policy, folder.versions)) {
    const auto start = std::chrono::steady_clock::now();
    LoadedVersion one{version, nullptr, "", 0};
    try {
      check(engine != engines.end(), "backend '", config->backend, "' is not built in");
      const auto record = record_of(version);
      one.served = open(folder, config, version, engine->second, record, gate);
      one.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      record->loaded(one.seconds);
    } catch (const Error& error) {
      one.fault = error.what();
    } catch (const std::exception&) {
      one.fault = "its file cannot be opened";  // what it says is for nobody outside
    }
    loaded.push_back(std::move(one));
  }
  return loaded;
}

}  // namespace scrim
