#include "cluster/transfer_objects.h"

#include "base/check.h"
#include "cluster/deployments.h"
#include "cluster/objects.h"
#include "cluster/pod_parts.h"
#include "cluster/run_objects.h"
#include "dataops/transfer_plan.h"

namespace scrim {
namespace {

constexpr const char* kRcloneImage = "rclone/rclone:1.71";
constexpr const char* kVolumePath = "/data";
constexpr const char* kCaKey = "ca.crt";
constexpr const char* kCaPath = "/ca";
constexpr const char* kToolkitJob = "s3mover-";

std::string keys_secret(const TransferPlan& plan) {
  return plan.store.secret.empty() ? transfer_object_name(plan.name) : plan.store.secret;
}

RclonePlaces places_of(const TransferPlan& plan) {
  RclonePlaces places{.files = kVolumePath};
  if (!plan.folder.empty()) places.files += "/" + plan.folder;
  if (!plan.store.ca.empty()) places.ca = std::string(kCaPath) + "/" + kCaKey;
  return places;
}

ApiObject environment_of(const TransferPlan& plan) {
  ApiObject list = ApiObject::array();
  for (const auto& [variable, value] : rclone_environment(plan.store)) {
    list.push_back({{"name", variable}, {"value", value}});
  }
  for (const auto& [variable, key] :
       {std::pair(kAccessKeyVariable, "access_key"), std::pair(kSecretKeyVariable, "secret_key")}) {
    list.push_back(
        {{"name", variable},
         {"valueFrom", {{"secretKeyRef", {{"name", keys_secret(plan)}, {"key", key}}}}}});
  }
  return list;
}

ApiObject transfer_container(const TransferPlan& plan, const std::string& name, TransferStep step) {
  const bool writes = is_download(plan) && step == TransferStep::kCopy;
  ApiObject mounts = {{{"name", "data"}, {"mountPath", kVolumePath}, {"readOnly", !writes}}};
  if (!plan.store.ca.empty()) {
    mounts.push_back({{"name", "ca"}, {"mountPath", kCaPath}, {"readOnly", true}});
  }
  ApiObject container = {{"name", name},
                         {"image", plan.image.empty() ? kRcloneImage : plan.image},
                         {"command", rclone_command(plan, step, places_of(plan))},
                         {"env", environment_of(plan)},
                         {"securityContext", {{"allowPrivilegeEscalation", false}}},
                         {"volumeMounts", std::move(mounts)}};
  add_resources(plan.resources, container);
  return container;
}

// The last container is the one of the pod, the others run before it.
ApiObject pod_of(const TransferPlan& plan,
                 const std::vector<std::pair<std::string, TransferStep>>& containers) {
  ApiObject before = ApiObject::array();
  for (std::size_t i = 0; i + 1 < containers.size(); ++i) {
    before.push_back(transfer_container(plan, containers[i].first, containers[i].second));
  }
  const auto& [name, step] = containers.back();
  ApiObject volumes = {{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", plan.volume}}}}};
  if (!plan.store.ca.empty()) {
    volumes.push_back({{"name", "ca"},
                       {"secret",
                        {{"secretName", transfer_object_name(plan.name)},
                         {"items", {{{"key", kCaKey}, {"path", kCaKey}}}}}}});
  }
  return {{"restartPolicy", "Never"},
          {"automountServiceAccountToken", false},
          {"initContainers", std::move(before)},
          {"containers", {transfer_container(plan, name, step)}},
          {"volumes", std::move(volumes)}};
}

ApiObject job_spec(const ApiObject& labels, ApiObject pod) {
  return {{"backoffLimit", 0},
          {"template", {{"metadata", {{"labels", labels}}}, {"spec", std::move(pod)}}}};
}

ApiObject transfer_metadata(const TransferPlan& plan) {
  return {{"name", transfer_object_name(plan.name)},
          {"labels", {{kTransferLabel, plan.name}}},
          {"annotations", {{kPlanNote, plan_json(plan).dump()}}}};
}

// What follows "DATAOPS/" in the toolkit's shell line, which is its name for the store.
std::string toolkit_store_place(const ApiObject& job) {
  const std::string line =
      job.value("/spec/template/spec/containers/0"_json_pointer, ApiObject()).dump();
  constexpr std::string_view kAlias = "DATAOPS/";
  const std::size_t at = line.rfind(kAlias);
  if (at == std::string::npos) return "s3://";
  const std::size_t start = at + kAlias.size();
  std::string place = line.substr(start, line.find_first_of(" \"'\\;", start) - start);
  while (place.ends_with('/')) place.pop_back();
  return "s3://" + place;
}

TransferState state_of_job(const ApiObject& job) {
  if (has_condition(job, "Complete")) return TransferState::kDone;
  return job_has_ended(job) ? TransferState::kFailed : TransferState::kRunning;
}

void add_times(const ApiObject& job, Transfer& transfer) {
  transfer.created = text_at(job, "metadata.creationTimestamp");
  transfer.ended = text_at(job, "status.completionTime");
  for (const ApiObject& one : job.value("/status/conditions"_json_pointer, ApiObject::array())) {
    if (text_at(one, "type") == "Failed") transfer.ended = text_at(one, "lastTransitionTime");
  }
}

}  // namespace

std::string transfer_object_name(const std::string& transfer) { return "transfer-" + transfer; }

std::vector<std::pair<std::string, TransferStep>> transfer_containers(const TransferPlan& plan) {
  std::vector<std::pair<std::string, TransferStep>> containers = {{"look", TransferStep::kLook},
                                                                  {"copy", TransferStep::kCopy}};
  if (plan.verify) containers.emplace_back("verify", TransferStep::kVerify);
  return containers;
}

std::optional<ApiObject> transfer_secret(const TransferPlan& plan) {
  ApiObject data = ApiObject::object();
  if (plan.store.secret.empty()) {
    data = {{"access_key", plan.store.access_key}, {"secret_key", plan.store.secret_key}};
  }
  if (!plan.store.ca.empty()) data[kCaKey] = plan.store.ca;
  if (data.empty()) return std::nullopt;
  return ApiObject{
      {"metadata",
       {{"name", transfer_object_name(plan.name)}, {"labels", {{kTransferLabel, plan.name}}}}},
      {"type", "Opaque"},
      {"stringData", std::move(data)}};
}

ApiObject transfer_job(const TransferPlan& plan) {
  const ApiObject labels = {{kTransferLabel, plan.name}};
  return {{"metadata", transfer_metadata(plan)},
          {"spec", job_spec(labels, pod_of(plan, transfer_containers(plan)))}};
}

ApiObject comparing_job(const TransferPlan& plan) {
  const std::string name = transfer_object_name(plan.name) + "-bytes";
  const ApiObject labels = {{"scrim-dataops/comparison", plan.name}};
  return {{"metadata", {{"name", name}, {"labels", labels}}},
          {"spec", job_spec(labels, pod_of(plan, {{"compare", TransferStep::kVerifyBytes}}))}};
}

ApiObject transfer_cron_job(const TransferPlan& plan) {
  const ApiObject labels = {{"scrim-dataops/scheduled-transfer", plan.name}};
  return {{"metadata", transfer_metadata(plan)},
          {"spec",
           {{"schedule", cron_of(plan.every)},
            {"concurrencyPolicy", "Forbid"},
            {"successfulJobsHistoryLimit", 1},
            {"failedJobsHistoryLimit", 1},
            {"jobTemplate",
             {{"metadata", {{"labels", labels}}},
              {"spec", job_spec(labels, pod_of(plan, transfer_containers(plan)))}}}}}};
}

TransferPlan plan_of_transfer(const ApiObject& object) {
  const std::string name = label_of(object, kTransferLabel);
  try {
    const std::string noted = note_of(object, kPlanNote);
    TransferPlan plan =
        transfer_plan_from(parse_sorted_json(noted, "the plan of " + transfer_words(name)));
    plan.name = name;
    return plan;
  } catch (const ApiObject::exception&) {
    fail(ErrorCode::kCorrupt, "the plan of ", transfer_words(name), " is damaged");
  }
}

Transfer transfer_of_job(const ApiObject& job) {
  Transfer transfer = transfer_of(plan_of_transfer(job));
  transfer.state = state_of_job(job);
  add_times(job, transfer);
  const std::string noted = note_of(job, kResultNote);
  if (noted.empty()) return transfer;
  const ApiObject result = parse_sorted_json(noted, "the result of a transfer");
  transfer.bytes = result.value("bytes", std::uint64_t{0});
  transfer.files = result.value("files", std::uint64_t{0});
  return transfer;
}

Transfer transfer_of_cron_job(const ApiObject& cron_job) {
  Transfer transfer = transfer_of(plan_of_transfer(cron_job));
  transfer.state = TransferState::kScheduled;
  transfer.created = text_at(cron_job, "metadata.creationTimestamp");
  transfer.ended = text_at(cron_job, "status.lastSuccessfulTime");
  return transfer;
}

bool is_toolkit_transfer(const ApiObject& job) { return name_of(job).starts_with(kToolkitJob); }

Transfer transfer_of_toolkit_job(const ApiObject& job) {
  Transfer transfer{.name = name_of(job), .volume = {}, .from = {}, .to = {}};
  for (const ApiObject& one :
       job.value("/spec/template/spec/volumes"_json_pointer, ApiObject::array())) {
    const std::string claim = text_at(one, "persistentVolumeClaim.claimName");
    if (!claim.empty()) transfer.volume = claim;
  }
  const bool down = transfer.name.starts_with(std::string(kToolkitJob) + "get");
  transfer.from = down ? toolkit_store_place(job) : transfer.volume;
  transfer.to = down ? transfer.volume : toolkit_store_place(job);
  transfer.state = state_of_job(job);
  add_times(job, transfer);
  return transfer;
}

}  // namespace scrim
