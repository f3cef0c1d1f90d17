#include "server/request_queue.h"

#include <algorithm>

namespace scrim {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

const QueuePolicy& policy_of(const DynamicBatching& batching, std::uint64_t level) {
  const auto own = batching.policies.find(level);
  return own == batching.policies.end() ? batching.default_policy : own->second;
}

std::uint64_t level_of(const DynamicBatching& batching, std::uint64_t priority) {
  const bool known = priority != 0 && priority <= batching.priority_levels;
  return known ? priority : batching.default_priority_level;
}

// A request may shorten its time, if it may say anything at all.
SteadyTime expiry(const QueuePolicy& policy, std::uint64_t asked, SteadyTime arrived) {
  std::uint64_t timeout = policy.default_timeout_microseconds;
  if (policy.allow_timeout_override && asked != 0 && (timeout == 0 || asked < timeout)) {
    timeout = asked;
  }
  constexpr std::uint64_t kNever = 1'000'000ULL * 3600 * 24 * 365;
  return timeout == 0 || timeout >= kNever ? SteadyTime::max() : arrived + microseconds(timeout);
}

// Whether one run of the network can take both.
bool alike(const CheckedRequest& a, const CheckedRequest& b) {
  return std::ranges::equal(a.inputs, b.inputs, [](const auto& one, const auto& other) {
    return one.name == other.name && one.shape.size() == other.shape.size() &&
           std::equal(one.shape.begin() + 1, one.shape.end(), other.shape.begin() + 1);
  });
}

}  // namespace

RequestQueue::RequestQueue(const ModelConfig& config, Lost lost)
    : config_(config),
      batching_(config.dynamic_batching.value_or(DynamicBatching{})),
      lost_(std::move(lost)) {}

void RequestQueue::push(QueuedRequest request) {
  const std::uint64_t level = level_of(batching_, request.call.request.priority);
  const QueuePolicy& policy = policy_of(batching_, level);
  request.expires = expiry(policy, request.call.request.timeout_microseconds, request.arrived);
  {
    const std::lock_guard lock(mutex_);
    if (closed_) {
      throw RequestError(RequestFault::kUnavailable,
                         "model '" + config_.name + "' is being unloaded");
    }
    Waiting& waiting = levels_[level];
    if (policy.max_queue_size != 0 && waiting.size() >= policy.max_queue_size) {
      throw RequestError(RequestFault::kUnavailable, "Exceeds maximum queue size");
    }
    waiting.push_back(std::move(request));
    ++size_;
  }
  changed_.notify_one();
}

std::vector<QueuedRequest> RequestQueue::take() {
  std::unique_lock lock(mutex_);
  while (true) {
    Losses losses;
    sort_out(losses);
    if (!losses.empty()) {
      lock.unlock();
      for (auto& [request, loss] : losses) lost_(std::move(request), loss);
      lock.lock();
      continue;
    }
    if (size_ == 0) {
      if (closed_) return {};
      changed_.wait(lock);
      continue;
    }
    const Front front = this->front();
    const auto oldest = late_.empty() ? SteadyTime::max() : late_.front().arrived;
    SteadyTime first = oldest;
    for (const auto& [level, waiting] : levels_) {
      if (!waiting.empty()) first = std::min(first, waiting.front().arrived);
    }
    const SteadyTime patience = first + microseconds(batching_.max_queue_delay_microseconds);
    if (!front.can_grow || closed_ || steady_clock::now() >= patience) return pop(front.requests);
    changed_.wait_until(lock, patience);
  }
}

void RequestQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::size_t RequestQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

void RequestQueue::sort_out(Losses& losses) {
  const SteadyTime now = steady_clock::now();
  const auto sift = [&](Waiting& waiting, const QueuePolicy* policy) {
    for (auto at = waiting.begin(); at != waiting.end();) {
      const bool gone = at->call.gone.stop_requested();
      const bool expired = policy != nullptr && at->expires <= now;
      if (!gone && !expired) {
        ++at;
        continue;
      }
      if (!gone && policy->delay_expired) {
        late_.push_back(std::move(*at));
      } else {
        losses.emplace_back(std::move(*at), gone ? QueueLoss::kGone : QueueLoss::kExpired);
        --size_;
      }
      at = waiting.erase(at);
    }
  };
  sift(late_, nullptr);
  for (auto& [level, waiting] : levels_) sift(waiting, &policy_of(batching_, level));
}

RequestQueue::Front RequestQueue::front() const {
  Front front;
  const CheckedRequest* first = nullptr;
  const bool alone = !config_.dynamic_batching || config_.max_batch_size == 0;
  bool blocked = false;
  const auto look = [&](const Waiting& waiting) {
    for (const QueuedRequest& request : waiting) {
      if (blocked) return;
      const std::int64_t batch = inference_count(request.checked.batch);
      blocked = first != nullptr && (alone || front.batch + batch > config_.max_batch_size ||
                                     !alike(*first, request.checked));
      if (blocked) return;
      if (first == nullptr) first = &request.checked;
      ++front.requests;
      front.batch += batch;
    }
  };
  for (const auto& [level, waiting] : levels_) look(waiting);
  look(late_);
  const auto& preferred = batching_.preferred_batch_sizes;
  front.can_grow = !alone && !blocked && front.batch < config_.max_batch_size &&
                   std::ranges::find(preferred, front.batch) == preferred.end();
  return front;
}

std::vector<QueuedRequest> RequestQueue::pop(std::size_t count) {
  std::vector<QueuedRequest> taken;
  const auto pop_from = [&](Waiting& waiting) {
    while (taken.size() < count && !waiting.empty()) {
      taken.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
  };
  for (auto& [level, waiting] : levels_) pop_from(waiting);
  pop_from(late_);
  size_ -= taken.size();
  return taken;
}

}  // namespace scrim
