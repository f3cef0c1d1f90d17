#include "cluster/work.h"

#include "base/check.h"
#include "cluster/objects.h"

#include <algorithm>

namespace scrim {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds kLong{2};  // when people begin to wonder

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
  try {
    if (api.find(kNamespaces, api.space())) return;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kRefused) throw;
    return;  // who may not look at namespaces knows no better
  }
  fail(ErrorCode::kNotFound, "there is no namespace '", api.space(), "'");
}

void ClusterWork::undo(const ApiKind& kind, const ApiObject& made) const {
  step("undo");
  api.remove(kind, name_of(made), uid_of(made));
  if (options.stop.stop_requested()) return;
  ClusterWork(api, options).wait_gone(kind, made, "the deletion of what was made");
}

std::string ClusterWork::last_word(const ApiObject& object, const Word& word) const {
  if (object.is_null()) return "";
  try {
    if (word) return word();
    const auto events = api.events_of(object);
    return events.empty() ? "" : events.back();
  } catch (const Error& error) {  // whoever may not read events waits all the same
    if (error.code() != ErrorCode::kRefused) throw;
    return "";
  }
}

void ClusterWork::fail_late(const std::string& what, const std::string& word) const {
  fail(ErrorCode::kUnavailable, what, " took more than ",
       std::chrono::duration_cast<std::chrono::seconds>(options.timeout).count(), " s",
       word.empty() ? "" : "; the cluster says: " + word);
}

void ClusterWork::wait(const ApiKind& kind, const std::string& name, const std::string& what,
                       const std::function<bool(const ApiObject*)>& is_done, const OnWord& on_word,
                       const Word& word_of) const {
  std::string said;
  ApiObject last;
  const auto look = [&](const Api::ByName& objects) {
    const auto found = objects.find(name);
    if (found != objects.end()) last = found->second;
    return is_done(found == objects.end() ? nullptr : &found->second);
  };
  while (true) {
    const auto now = steady_clock::now();
    const auto until = std::min(deadline_, now + kLong);
    if (api.watch(kind, {.labels = {}, .fields = "metadata.name=" + name}, until, options.stop,
                  look)) {
      return;
    }
    const std::string word = last_word(last, word_of);
    if (steady_clock::now() >= deadline_) {
      fail_late(what, word);
    }
    if (!word.empty() && word != said) {
      if (on_word) on_word(word);
      if (options.on_news) options.on_news(sentence(what, ": ", word));
    }
    said = word;
  }
}

ApiObject ClusterWork::wait_for(const ApiKind& kind, const std::string& name,
                                const std::string& what,
                                const std::function<bool(const ApiObject&)>& is_done,
                                const OnWord& on_word, const Word& word) const {
  ApiObject result;
  wait(
      kind, name, what,
      [&](const ApiObject* object) {
        if (object == nullptr) {
          fail(ErrorCode::kNotFound, what, ": somebody has deleted ", kind.name, " '", name, "'");
        }
        if (!is_done(*object)) return false;
        result = *object;
        return true;
      },
      on_word, word);
  return result;
}

void ClusterWork::wait_none(const ApiKind& kind, const ApiSelection& selection,
                            const std::string& what) const {
  if (!api.watch(kind, selection, deadline_, options.stop,
                 [](const Api::ByName& objects) { return objects.empty(); })) {
    fail_late(what, "");
  }
}

void ClusterWork::wait_gone(const ApiKind& kind, const ApiObject& object,
                            const std::string& what) const {
  wait(kind, name_of(object), what,
       [&](const ApiObject* there) { return there == nullptr || uid_of(*there) != uid_of(object); },
       {}, {});
}

}  // namespace scrim
