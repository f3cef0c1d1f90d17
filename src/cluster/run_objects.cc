#include "cluster/run_objects.h"

#include "base/base64.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"
#include "cluster/objects.h"
#include "cluster/pod_parts.h"

namespace scrim {
namespace {

constexpr const char* kFiles = "/data";
constexpr const char* kKeyFolder = "/etc/scrim-run";
constexpr const char* kKeyFile = "key";
constexpr int kOwnerReads = 0400;  // a key that others may read is refused
constexpr const char* kOutputMark = "scrim-dataops: output";
constexpr const char* kEndMark = "scrim-dataops: end";

// The commands come as words, each behind its number of words; this runs the one of the index. The
// text is the same for all, and no word becomes part of it.
constexpr const char* kRunner = R"(
i=$JOB_COMPLETION_INDEX
while [ "$i" -gt 0 ]; do shift $(($1 + 1)); i=$((i - 1)); done
n=$1; shift; others=$(($# - n))
while [ "$n" -gt 0 ]; do set -- "$@" "$1"; shift; n=$((n - 1)); done
shift "$others"
out=$(mktemp) || exit 125
"$@" > "$out"; code=$?
printf '\nscrim-dataops: output\n'; cat "$out"; printf '\nscrim-dataops: end\n'
exit $code
)";

ApiObject noted_cases(const RunPlan& plan, const std::vector<RunCase>& cases) {
  ApiObject list = ApiObject::array();
  for (const RunCase& one : cases) list.push_back({{"name", one.name}, {"command", one.command}});
  return {{"image", plan.image}, {"cases", std::move(list)}};
}

ApiObject ended_container(const ApiObject& pod) {
  return pod.value("/status/containerStatuses/0/state/terminated"_json_pointer,
                   ApiObject::object());
}

}  // namespace

std::string run_object_name(const std::string& run) { return "run-" + run; }
std::string run_files_name(const std::string& run) { return run + ".run"; }

ApiObject job_for(const RunPlan& plan, const std::vector<RunCase>& cases) {
  ApiObject words = {"sh", "-c", kRunner, "sh"};
  for (const RunCase& one : cases) {
    words.push_back(std::to_string(one.command.size()));
    for (const std::string& word : one.command) {
      words.push_back(replaced(replaced(word, "{data}", kFiles), "{key}",
                               std::string(kKeyFolder) + "/" + kKeyFile));
    }
  }
  ApiObject container = {
      {"name", "run"},
      {"image", plan.image},
      {"command", std::move(words)},
      {"securityContext", {{"allowPrivilegeEscalation", false}}},
      {"volumeMounts",
       {{{"name", "data"}, {"mountPath", kFiles}, {"readOnly", true}}, shared_memory_mount()}}};
  add_resources(plan.resources, container);
  const std::string files = run_files_name(plan.name);
  ApiObject volumes = {
      {{"name", "data"}, {"persistentVolumeClaim", {{"claimName", files}, {"readOnly", true}}}},
      shared_memory()};
  if (!plan.key.empty()) {
    container["volumeMounts"].push_back(
        {{"name", "key"}, {"mountPath", kKeyFolder}, {"readOnly", true}});
    const ApiObject secret = {{"secretName", run_object_name(plan.name)},
                              {"defaultMode", kOwnerReads}};
    volumes.push_back({{"name", "key"}, {"secret", secret}});
  }
  const ApiObject labels = {{kRunLabel, plan.name}};
  return {{"metadata",
           {{"name", run_object_name(plan.name)},
            {"labels", labels},
            {"annotations", {{kCasesNote, noted_cases(plan, cases).dump()}}}}},
          {"spec",
           {{"completionMode", "Indexed"},
            {"completions", cases.size()},
            {"parallelism", 1},
            {"backoffLimitPerIndex", 0},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec",
               {{"restartPolicy", "Never"},
                {"automountServiceAccountToken", false},
                {"shareProcessNamespace", true},  // see pod_parts.h
                {"containers", {std::move(container)}},
                {"volumes", std::move(volumes)}}}}}}}};
}

ApiObject secret_for_run(const RunPlan& plan) {
  return {
      {"metadata", {{"name", run_object_name(plan.name)}, {"labels", {{kRunLabel, plan.name}}}}},
      {"type", "Opaque"},
      {"data", {{kKeyFile, to_base64(read_file(plan.key))}}}};
}

std::optional<std::size_t> index_in(const ApiObject& job, const RunPlan& plan, const RunCase& one) {
  const std::string text = note_of(job, kCasesNote);
  if (text.empty()) return std::nullopt;
  const ApiObject noted = parse_sorted_json(text, "the note of a run's cases");
  if (text_at(noted, "image") != plan.image || !noted.contains("cases")) return std::nullopt;
  const ApiObject wanted = {{"name", one.name}, {"command", one.command}};
  const ApiObject& cases = noted.at("cases");
  for (std::size_t index = 0; index < cases.size(); ++index) {
    if (cases[index] == wanted) return index;
  }
  return std::nullopt;
}

bool job_has_ended(const ApiObject& job) {
  return has_condition(job, "Complete") || has_condition(job, "Failed");
}

bool RunLog::take(std::string_view line) {
  if (part_ == Part::kSaid && line == kOutputMark) {
    part_ = Part::kPrinted;
  } else if (part_ == Part::kPrinted && line == kEndMark) {
    part_ = Part::kAfter;
    if (printed_.ends_with('\n')) printed_.pop_back();  // the runner's own
  } else if (part_ == Part::kPrinted) {
    printed_.append(line).append("\n");
  } else if (part_ == Part::kSaid && !line.empty()) {
    said_.append(line).append("\n");
    return true;
  }
  return false;
}

int exit_code_of(const ApiObject& pod) {
  constexpr int kUnknown = 255;  // of a pod that was evicted, say
  return ended_container(pod).value("exitCode", kUnknown);
}

double seconds_of(const ApiObject& pod) {
  const ApiObject ended = ended_container(pod);
  const std::string start = text_at(ended, "startedAt"), end = text_at(ended, "finishedAt");
  if (start.empty() || end.empty()) return 0;
  return std::chrono::duration<double>(parse_rfc3339(end) - parse_rfc3339(start)).count();
}

}  // namespace scrim
