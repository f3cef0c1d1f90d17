// One version of a model, being served: its instances, its queue and what they have done.
#pragma once

#include "server/contract_check.h"
#include "server/engine.h"
#include "server/request_queue.h"
#include "server/service.h"
#include "server/statistics.h"

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace scrim {

// Of the outputs that have a label file, by name.
using Labels = std::map<std::string, std::vector<std::string>>;

// Threads may share one.
class ServedModel {
 public:
  // One thread for each instance.
  ServedModel(std::shared_ptr<const ModelConfig> config, std::string version,
              std::vector<std::unique_ptr<Engine>> instances, Labels labels,
              std::shared_ptr<StatisticsRecord> record,
              std::shared_ptr<ContractGate> gate = std::make_shared<ContractGate>());
  // Answers every request that was accepted.
  ~ServedModel();
  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;

  // As Service::infer.
  void infer(InferCall call, InferDone done);
  const std::shared_ptr<const ModelConfig>& config() const { return config_; }
  const std::string& version() const { return version_; }
  ModelStatistics statistics() const;

 private:
  void serve(Engine& engine);
  void run(Engine& engine, std::vector<QueuedRequest> requests);
  std::vector<InferResult> answers(const std::vector<QueuedRequest>& requests,
                                   std::vector<TensorMessage> outputs) const;
  InferResult answer(const QueuedRequest& request, std::vector<TensorMessage>& outputs,
                     std::int64_t begin, bool alone) const;
  void lose(QueuedRequest request, QueueLoss loss);

  std::shared_ptr<const ModelConfig> config_;
  std::string version_;
  std::vector<std::unique_ptr<Engine>> instances_;
  Labels labels_;
  std::shared_ptr<StatisticsRecord> record_;
  std::shared_ptr<ContractGate> gate_;
  RequestQueue queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace scrim
