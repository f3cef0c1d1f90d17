#include "cluster/pods.h"

#include "base/check.h"
#include "cluster/objects.h"

#include <algorithm>
#include <thread>

namespace scrim {
namespace {

// The last line that says something: of a log, where the error stands that ended the program.
std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \n\r");
  if (end == std::string_view::npos) return "";
  text = text.substr(0, end + 1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

// How a container ended that did, now or the last time: what it says, or else its exit code.
std::string end_of(const ApiObject& container) {
  for (const char* state : {"/state/terminated", "/lastState/terminated"}) {
    const ApiObject ended = container.value(ApiObject::json_pointer(state), ApiObject::object());
    if (ended.empty()) continue;
    const std::string message = last_line(text_at(ended, "message"));
    return sentence("the container ended with ", ended.value("exitCode", 0), " (",
                    text_at(ended, "reason"), ")", message.empty() ? "" : ": ", message);
  }
  return "";
}

}  // namespace

bool pod_has_ended(const ApiObject& pod) {
  const std::string phase = text_at(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed";
}

std::string trouble_of_pod(const ClusterWork& work, const ApiObject& pod) {
  for (const ApiObject& container :
       pod.value("/status/containerStatuses"_json_pointer, ApiObject::array())) {
    const std::string reason = text_at(container, "state.waiting.reason");
    const std::string end = end_of(container);
    if (!end.empty()) return reason.empty() ? end : sentence(reason, ": ", end);
    if (reason.empty() || reason == "ContainerCreating") continue;
    return sentence(reason, ": ", text_at(container, "state.waiting.message"));
  }
  return work.last_event_of(pod);
}

ApiObject started_pod(const ClusterWork& work, const ApiSelection& selection,
                      const std::string& what) {
  ApiObject found;
  const auto has_started = [&](const Api::ByName& pods) {
    const auto pod = std::ranges::find_if(pods, [](const auto& one) {
      return text_at(one.second, "status.phase") == "Running" || pod_has_ended(one.second);
    });
    if (pod != pods.end()) found = pod->second;
    return pod != pods.end();
  };
  const auto trouble = [&]() -> std::string {
    const auto pods = work.api.list(kPods, selection);
    return pods.empty() ? "" : trouble_of_pod(work, pods.front());
  };
  work.wait_until(kPods, selection, what, has_started, trouble);
  return found;
}

ApiObject follow_pod(const ClusterWork& work, const ApiObject& pod,
                     const std::function<void(std::string_view)>& on_line) {
  constexpr std::chrono::milliseconds kLookAgain{200};
  std::size_t seen = 0;  // lines: a connection that breaks begins again at the first
  while (true) {
    std::size_t line_number = 0;
    work.api.follow_log(name_of(pod), work.options.stop, [&](std::string_view line) {
      if (line_number++ < seen) return;
      ++seen;
      on_line(line);
    });
    if (work.options.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, "stopped; the pod goes on, and the same command follows it");
    }
    const auto now = work.api.find(kPods, name_of(pod));
    if (!now) fail(ErrorCode::kNotFound, "somebody has deleted pod '", name_of(pod), "'");
    if (pod_has_ended(*now)) return *now;
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace scrim
