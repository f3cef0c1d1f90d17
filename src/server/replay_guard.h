// The nonces of fresh draws that a server has seen, so that none is answered twice.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_set>

namespace scrim {

// Remembers at least the last `generation` nonces and at most twice as many. Threads may share one.
class ReplayGuard {
 public:
  explicit ReplayGuard(std::size_t generation = std::size_t{1} << 18) : generation_(generation) {}

  // False if the nonce was taken before and is remembered.
  bool take(const std::string& nonce);
  // As if it had not been taken.
  void give_back(const std::string& nonce);

 private:
  const std::size_t generation_;
  std::mutex mutex_;
  std::unordered_set<std::string> newer_, older_;
};

}  // namespace scrim
