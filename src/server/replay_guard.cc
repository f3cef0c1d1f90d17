#include "server/replay_guard.h"

#include <utility>

namespace scrim {

bool ReplayGuard::take(const std::string& nonce) {
  const std::lock_guard lock(mutex_);
  if (older_.contains(nonce) || !newer_.insert(nonce).second) return false;
  if (newer_.size() < generation_) return true;
  older_ = std::exchange(newer_, {});
  return true;
}

void ReplayGuard::give_back(const std::string& nonce) {
  const std::lock_guard lock(mutex_);
  newer_.erase(nonce);
  older_.erase(nonce);
}

}  // namespace scrim
