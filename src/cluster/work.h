// What every verb on a cluster has at hand: the API, the options, and the waits.
#pragma once

#include <scrim/dataops.h>
#include <scrim/status.h>

#include "kube/api.h"

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace scrim {

// What `look` returns; `otherwise` where who asks may not look.
template <typename Look>
std::invoke_result_t<Look> allowed_or(std::invoke_result_t<Look> otherwise, const Look& look) {
  try {
    return look();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kRefused) throw;
    return otherwise;
  }
}

class ClusterWork {
 public:
  // Both outlive this.
  ClusterWork(Api& cluster, const ClusterOptions& given)
      : api(cluster), options(given), deadline_(std::chrono::steady_clock::now() + given.timeout) {}

  Api& api;
  const ClusterOptions& options;

  // Before a change: for those who want to know.
  void step(std::string_view what) const;
  bool waits() const { return options.wait && !options.dry_run; }

  // All of a kind. Throws kNotFound where the namespace is not there, which the API does not say.
  std::vector<ApiObject> listed(const ApiKind& kind) const;
  void check_space() const;
  // What the cluster said last about an object; empty where it said nothing.
  std::string last_event_of(const ApiObject& object) const;

  // What `wait` returns. When it fails, what this run made is removed again.
  template <typename Wait>
  ApiObject undone_on_failure(const ApiKind& kind, const ApiObject& made, const Wait& wait) const {
    try {
      return wait();
    } catch (const Error& error) {
      undo(kind, made);
      throw Error(error.code(), error.what() + std::string("; nothing was made"));
    }
  }
  void undo(const ApiKind& kind, const ApiObject& made) const;

  // Waits until the object is as `is_done` wants it, and returns it. While it takes long, tells
  // what the cluster says about it. Throws what `is_done` throws; kNotFound where the object goes;
  // kUnavailable, with the cluster's last word, when the time is over or a stop is asked for.
  // `on_word` is told each new word of the cluster too, and may throw. `word` asks for it
  // elsewhere than in the events of the object.
  using OnWord = std::function<void(const std::string&)>;
  using Word = std::function<std::string()>;
  ApiObject wait_for(const ApiKind& kind, const std::string& name, const std::string& what,
                     const std::function<bool(const ApiObject&)>& is_done,
                     const OnWord& on_word = {}, const Word& word = {}) const;
  // Waits until the objects of a selection are as `is_done` wants them; as wait_for otherwise.
  void wait_until(const ApiKind& kind, const ApiSelection& selection, const std::string& what,
                  const std::function<bool(const Api::ByName&)>& is_done, const Word& word) const;
  // Waits until there is none of them.
  void wait_none(const ApiKind& kind, const ApiSelection& selection, const std::string& what) const;
  // Waits until there is no such object, or another one of its name.
  void wait_gone(const ApiKind& kind, const ApiObject& object, const std::string& what) const;

 private:
  [[noreturn]] void fail_late(const std::string& what, const std::string& word) const;

  Api::Deadline deadline_;
};

}  // namespace scrim
