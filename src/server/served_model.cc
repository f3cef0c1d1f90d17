#include "server/served_model.h"

#include "server/batch.h"
#include "server/classification.h"

#include <scrim/status.h>

#include <algorithm>

namespace scrim {

using std::chrono::steady_clock;

ServedModel::ServedModel(std::shared_ptr<const ModelConfig> config, std::string version,
                         std::vector<std::unique_ptr<Engine>> instances, Labels labels,
                         std::shared_ptr<StatisticsRecord> record,
                         std::shared_ptr<ContractGate> gate)
    : config_(std::move(config)),
      version_(std::move(version)),
      instances_(std::move(instances)),
      labels_(std::move(labels)),
      record_(std::move(record)),
      gate_(std::move(gate)),
      queue_(*config_,
             [this](QueuedRequest request, QueueLoss loss) { lose(std::move(request), loss); }) {
  for (const auto& engine : instances_) {
    threads_.emplace_back([this, &engine] { serve(*engine); });
  }
}

ServedModel::~ServedModel() {
  queue_.close();
  threads_.clear();
}

void ServedModel::infer(InferCall call, InferDone done) {
  QueuedRequest queued;
  queued.call = std::move(call);
  std::optional<ContractUse> use;
  try {
    // What the queue and the answer need stays in the call.
    InferRequest& request = queued.call.request;
    InferRequest taken;
    taken.id = request.id;
    taken.inputs = std::move(request.inputs);
    taken.outputs = std::move(request.outputs);
    taken.binary_outputs = request.binary_outputs;
    queued.checked = check_request(std::move(taken), *config_);
    if (config_->contract) {
      use = gate_->admit(*config_->contract, config_->name, request.parameters, queued.checked);
    }
  } catch (const ContractError& error) {
    record_->refused(name(error.contract_fault()));
    done(error);
    return;
  } catch (const RequestError& error) {
    done(error);
    return;
  }
  queued.done = done;
  const SteadyTime arrived = queued.arrived;
  try {
    queue_.push(std::move(queued));
    if (use) record_->used(use->client, use->bits);
  } catch (const RequestError& error) {
    if (use) gate_->give_back(*use);
    record_->failed(FailureReason::kRejected, arrived);
    done(error);
  }
}

ModelStatistics ServedModel::statistics() const {
  ModelStatistics numbers = record_->read();
  numbers.pending = queue_.waiting();
  return numbers;
}

void ServedModel::serve(Engine& engine) {
  while (true) {
    auto requests = queue_.take();
    if (requests.empty()) return;
    run(engine, std::move(requests));
  }
}

void ServedModel::run(Engine& engine, std::vector<QueuedRequest> requests) {
  StatisticsRecord::Run times;
  times.taken = steady_clock::now();
  std::vector<CheckedRequest*> checked;
  for (QueuedRequest& request : requests) {
    times.arrived.push_back(request.arrived);
    times.batch += inference_count(request.checked.batch);
    checked.push_back(&request.checked);
  }
  std::vector<InferResult> results;
  try {
    const std::int64_t batch = requests.size() == 1 ? requests.front().checked.batch : times.batch;
    const std::vector<TensorMessage> inputs = joined_inputs(checked);
    times.ready = steady_clock::now();
    std::vector<TensorMessage> outputs = engine.run(inputs);
    times.ran = steady_clock::now();
    check_outputs(outputs, *config_, batch);
    results = answers(requests, std::move(outputs));
    times.done = steady_clock::now();
    record_->ran(times);
  } catch (const Error& error) {
    results.assign(requests.size(), RequestError(RequestFault::kInternal, error.what()));
    for (const auto& request : requests) {
      record_->failed(FailureReason::kBackend, request.arrived);
    }
  } catch (const std::exception&) {
    // What it says is for nobody outside.
    results.assign(
        requests.size(),
        RequestError(RequestFault::kInternal, "model '" + config_->name + "' failed while it ran"));
    for (const auto& request : requests) {
      record_->failed(FailureReason::kBackend, request.arrived);
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].done(std::move(results[i]));
}

std::vector<InferResult> ServedModel::answers(const std::vector<QueuedRequest>& requests,
                                              std::vector<TensorMessage> outputs) const {
  std::vector<InferResult> results;
  std::int64_t begin = 0;
  for (const QueuedRequest& request : requests) {
    results.push_back(answer(request, outputs, begin, requests.size() == 1));
    begin += inference_count(request.checked.batch);
  }
  return results;
}

InferResult ServedModel::answer(const QueuedRequest& request, std::vector<TensorMessage>& outputs,
                                std::int64_t begin, bool alone) const {
  InferResponse response{config_->name, version_, request.call.request.id, {}, {}};
  try {
    for (const RequestedOutput& wanted : request.checked.outputs) {
      auto& whole = *std::ranges::find(outputs, wanted.name, &TensorMessage::name);
      // No output is asked for twice, so that a request alone may take them.
      TensorMessage output =
          alone ? std::move(whole) : batch_slice(whole, begin, request.checked.batch);
      if (wanted.classes > 0) {
        const auto labels = labels_.find(wanted.name);
        output = classified(output, wanted.classes, config_->max_batch_size > 0,
                            labels == labels_.end() ? std::vector<std::string>{} : labels->second);
      }
      output.name = wanted.name;
      output.binary = wanted.binary;
      response.outputs.push_back(std::move(output));
    }
  } catch (const RequestError& error) {
    return error;
  }
  return response;
}

void ServedModel::lose(QueuedRequest request, QueueLoss loss) {
  const bool gone = loss == QueueLoss::kGone;
  record_->failed(gone ? FailureReason::kCancelled : FailureReason::kRejected, request.arrived);
  request.done(RequestError(gone ? RequestFault::kInvalid : RequestFault::kUnavailable,
                            gone ? "the caller has gone" : "Request timeout expired"));
}

}  // namespace scrim
