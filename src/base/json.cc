#include "base/json.h"

#include "base/check.h"

#include <unordered_set>
#include <vector>

namespace scrim {
namespace {

// Sees every event of the parser: keeps the keys of each open object to find a second one. The
// library itself would let the last of two equal keys win, and readers disagree about which does.
template <typename J>
class Guard {
 public:
  explicit Guard(const std::string& what) : what_(what) {}

  bool operator()(int depth, typename J::parse_event_t event, const J& parsed) {
    using Event = typename J::parse_event_t;
    if (depth >= kMaxJsonDepth) {
      fail(ErrorCode::kCorrupt, what_, " is nested deeper than ", kMaxJsonDepth, " levels");
    }
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key && !keys_.back().insert(parsed.template get<std::string>()).second) {
      fail(ErrorCode::kCorrupt, what_, " has the same key twice in one object");
    }
    return true;
  }

 private:
  const std::string& what_;
  std::vector<std::unordered_set<std::string>> keys_;
};

template <typename J>
J parse(std::string_view text, const std::string& what) {
  try {
    Guard<J> guard(what);
    return J::parse(text, [&guard](int depth, typename J::parse_event_t event, J& parsed) {
      return guard(depth, event, parsed);
    });
  } catch (const nlohmann::json::parse_error& error) {
    fail(ErrorCode::kCorrupt, what, " is not valid JSON at byte ", error.byte);
  } catch (const nlohmann::json::exception&) {  // a number that no double holds
    fail(ErrorCode::kCorrupt, what, " holds a JSON number out of range");
  }
}

}  // namespace

Json parse_json(std::string_view text, const std::string& what) { return parse<Json>(text, what); }

SortedJson parse_sorted_json(std::string_view text, const std::string& what) {
  return parse<SortedJson>(text, what);
}

}  // namespace scrim
