// Requests that wait for an instance of their model, and which of them run together.
#pragma once

#include "server/request_check.h"
#include "server/service.h"
#include "server/statistics.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace scrim {

// A request that was accepted and whose `done` is still to be called.
struct QueuedRequest {
  InferCall call;  // its tensors have moved to `checked`
  CheckedRequest checked;
  InferDone done;
  SteadyTime arrived = std::chrono::steady_clock::now();
  SteadyTime expires = SteadyTime::max();  // set by the queue
};

// Why a request left the queue unrun: its time was up, or its caller has gone.
enum class QueueLoss { kExpired, kGone };

// The queue of one version, for the threads of its instances. Without dynamic batching every
// request runs alone, in the order of arrival; with it, requests whose inputs have the same shapes
// but for the batch run together, up to max_batch_size, and a batch of no preferred size waits for
// company as long as max_queue_delay allows. Lower priority levels go first.
class RequestQueue {
 public:
  // `lost` gets every request that leaves unrun, without the queue's lock, and calls its `done`.
  using Lost = std::function<void(QueuedRequest, QueueLoss)>;

  // `config` outlives the queue.
  RequestQueue(const ModelConfig& config, Lost lost);

  // Throws RequestError (kUnavailable) when as many wait at its level as the policy allows, or
  // after close().
  void push(QueuedRequest request);
  // Waits for the next requests to run together, in order. Empty: the queue is closed and
  // everything was taken.
  std::vector<QueuedRequest> take();
  // Nothing more comes in; what waits is still taken.
  void close();
  std::size_t waiting() const;

 private:
  using Waiting = std::deque<QueuedRequest>;
  using Losses = std::vector<std::pair<QueuedRequest, QueueLoss>>;

  // What the requests at the front would run as.
  struct Front {
    std::size_t requests = 0;
    std::int64_t batch = 0;
    bool can_grow = false;  // nothing that waits stands in the way of more
  };

  void sort_out(Losses& losses);
  Front front() const;
  std::vector<QueuedRequest> pop(std::size_t count);

  const ModelConfig& config_;
  const DynamicBatching batching_;
  const Lost lost_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Waiting> levels_;
  Waiting late_;  // expired under a policy that only delays
  std::size_t size_ = 0;
  bool closed_ = false;
};

}  // namespace scrim
