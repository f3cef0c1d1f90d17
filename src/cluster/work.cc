#include "cluster/work.h"

#include "base/check.h"
#include "cluster/objects.h"

#include <algorithm>

namespace scrim {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds kLong{2};  // when people begin to wonder

ApiSelection by_name(const std::string& name) {
  return {.labels = {}, .fields = "metadata.name=" + name};
}

}  // namespace

void ClusterWork::step(std::string_view what) const {
  if (options.on_step) options.on_step(what);
}

std::vector<ApiObject> ClusterWork::listed(const ApiKind& kind) const {
  std::vector<ApiObject> objects = api.list(kind);
  if (objects.empty()) check_space();
  return objects;
}

void ClusterWork::check_space() const {
  // Who may not look at namespaces knows no better.
  const auto is_there = [&] { return api.find(kNamespaces, api.space()).has_value(); };
  if (allowed_or(true, is_there)) return;
  fail(ErrorCode::kNotFound, "there is no namespace '", api.space(), "'");
}

std::string ClusterWork::last_event_of(const ApiObject& object) const {
  const auto events = api.events_of(object);
  return events.empty() ? "" : events.back();
}

void ClusterWork::undo(const ApiKind& kind, const ApiObject& made) const {
  step("undo");
  api.remove(kind, name_of(made), uid_of(made));
  if (options.stop.stop_requested()) return;
  ClusterWork(api, options).wait_gone(kind, made, "the deletion of what was made");
}

void ClusterWork::fail_late(const std::string& what, const std::string& word) const {
  fail(ErrorCode::kUnavailable, what, " took more than ",
       std::chrono::duration_cast<std::chrono::seconds>(options.timeout).count(), " s",
       word.empty() ? "" : "; the cluster says: " + word);
}

void ClusterWork::wait_until(const ApiKind& kind, const ApiSelection& selection,
                             const std::string& what,
                             const std::function<bool(const Api::ByName&)>& is_done,
                             const Word& word_of) const {
  std::string said;
  while (true) {
    const auto until = std::min(deadline_, steady_clock::now() + kLong);
    if (api.watch(kind, selection, until, options.stop, is_done)) return;
    const std::string word = allowed_or({}, word_of);  // of events, which not all may read
    if (steady_clock::now() >= deadline_) fail_late(what, word);
    if (!word.empty() && word != said && options.on_news) {
      options.on_news(sentence(what, ": ", word));
    }
    said = word;
  }
}

ApiObject ClusterWork::wait_for(const ApiKind& kind, const std::string& name,
                                const std::string& what,
                                const std::function<bool(const ApiObject&)>& is_done,
                                const OnWord& on_word, const Word& word_of) const {
  ApiObject last;
  const auto look = [&](const Api::ByName& objects) {
    const auto found = objects.find(name);
    if (found == objects.end()) {
      fail(ErrorCode::kNotFound, what, ": somebody has deleted ", kind.name, " '", name, "'");
    }
    last = found->second;
    return is_done(last);
  };
  const auto word = [&]() -> std::string {
    std::string said = word_of ? word_of() : last_event_of(last);
    if (on_word && !said.empty()) on_word(said);
    return said;
  };
  wait_until(kind, by_name(name), what, look, word);
  return last;
}

void ClusterWork::wait_none(const ApiKind& kind, const ApiSelection& selection,
                            const std::string& what) const {
  wait_until(
      kind, selection, what, [](const Api::ByName& objects) { return objects.empty(); },
      [] { return ""; });
}

void ClusterWork::wait_gone(const ApiKind& kind, const ApiObject& object,
                            const std::string& what) const {
  const auto is_gone = [&](const Api::ByName& objects) {
    const auto there = objects.find(name_of(object));
    return there == objects.end() || uid_of(there->second) != uid_of(object);
  };
  wait_until(kind, by_name(name_of(object)), what, is_gone, [&] { return last_event_of(object); });
}

}  // namespace scrim
