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
    if (ended.empty() || text_at(ended, "reason") == "Completed") continue;
    const std::string message = last_line(text_at(ended, "message"));
    return sentence("the container ended with ", ended.value("exitCode", 0), " (",
                    text_at(ended, "reason"), ")", message.empty() ? "" : ": ", message);
  }
  return "";
}

std::vector<ApiObject> container_statuses(const ApiObject& pod) {
  std::vector<ApiObject> statuses;
  for (const char* list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    for (const ApiObject& one : pod.value(ApiObject::json_pointer(list), ApiObject::array())) {
      statuses.push_back(one);
    }
  }
  return statuses;
}

// "running", "terminated" or "waiting"; nothing of a container that the node has not seen yet.
ApiObject state_of_container(const ApiObject& pod, const std::string& container) {
  for (const ApiObject& one : container_statuses(pod)) {
    if (text_at(one, "name") == container) return one.value("state", ApiObject::object());
  }
  return ApiObject::object();
}

bool has_started(const ApiObject& pod, const std::string& container) {
  if (pod_has_ended(pod)) return true;
  if (container.empty()) return text_at(pod, "status.phase") == "Running";
  const ApiObject state = state_of_container(pod, container);
  return state.contains("running") || state.contains("terminated");
}

bool has_ended(const ApiObject& pod, const std::string& container) {
  return pod_has_ended(pod) ||
         (!container.empty() && state_of_container(pod, container).contains("terminated"));
}

}  // namespace

bool pod_has_ended(const ApiObject& pod) {
  const std::string phase = text_at(pod, "status.phase");
  return phase == "Succeeded" || phase == "Failed";
}

std::string trouble_of_pod(const ClusterWork& work, const ApiObject& pod) {
  for (const ApiObject& container : container_statuses(pod)) {
    const std::string reason = text_at(container, "state.waiting.reason");
    const std::string end = end_of(container);
    if (!end.empty()) return reason.empty() ? end : sentence(reason, ": ", end);
    if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing") continue;
    return sentence(reason, ": ", text_at(container, "state.waiting.message"));
  }
  return work.last_event_of(pod);
}

ApiObject started_pod(const ClusterWork& work, const ApiSelection& selection,
                      const std::string& what, const std::string& container) {
  ApiObject found;
  const auto is_there = [&](const Api::ByName& pods) {
    const auto pod = std::ranges::find_if(
        pods, [&](const auto& one) { return has_started(one.second, container); });
    if (pod != pods.end()) found = pod->second;
    return pod != pods.end();
  };
  const auto trouble = [&]() -> std::string {
    const auto pods = work.api.list(kPods, selection);
    return pods.empty() ? "" : trouble_of_pod(work, pods.front());
  };
  work.wait_until(kPods, selection, what, is_there, trouble);
  return found;
}

ApiObject follow_pod(const ClusterWork& work, const ApiObject& pod,
                     const std::function<void(std::string_view)>& on_line,
                     const std::string& container) {
  constexpr std::chrono::milliseconds kLookAgain{200};
  std::size_t seen = 0;  // lines: a connection that breaks begins again at the first
  while (true) {
    std::size_t line_number = 0;
    work.api.follow_log(name_of(pod), container, work.options.stop, [&](std::string_view line) {
      if (line_number++ < seen) return;
      ++seen;
      on_line(line);
    });
    if (work.options.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, "stopped; the pod goes on, and the same command follows it");
    }
    const auto now = work.api.find(kPods, name_of(pod));
    if (!now) fail(ErrorCode::kNotFound, "somebody has deleted pod '", name_of(pod), "'");
    if (has_ended(*now, container)) return *now;
    std::this_thread::sleep_for(kLookAgain);
  }
}

int exit_code_of(const ApiObject& pod, const std::string& container) {
  constexpr int kUnknown = 255;
  return state_of_container(pod, container).value("/terminated/exitCode"_json_pointer, kUnknown);
}

}  // namespace scrim
