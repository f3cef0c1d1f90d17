#include "rpc/rpc_message.h"

namespace scrim {
namespace {

constexpr std::size_t kMostSentence = 4096;  // peers take 8 KiB of headers

inference::StatisticDuration message_of(const TotalDuration& duration) {
  inference::StatisticDuration message;
  message.set_count(duration.count);
  message.set_ns(duration.ns);
  return message;
}

void add_tensor(const TensorMetadata& tensor,
                inference::ModelMetadataResponse::TensorMetadata& message) {
  message.set_name(tensor.name);
  message.set_datatype(std::string(name(tensor.datatype)));
  message.mutable_shape()->Assign(tensor.shape.begin(), tensor.shape.end());
}

inference::ModelStatistics message_of(const ModelStatistics& model) {
  inference::ModelStatistics message;
  message.set_name(model.name);
  message.set_version(model.version);
  message.set_last_inference(model.last_inference_ms);
  message.set_inference_count(model.inference_count);
  message.set_execution_count(model.execution_count);
  auto& times = *message.mutable_inference_stats();
  *times.mutable_success() = message_of(model.success);
  *times.mutable_fail() = message_of(model.fail);
  *times.mutable_queue() = message_of(model.queue);
  *times.mutable_compute_input() = message_of(model.compute_input);
  *times.mutable_compute_infer() = message_of(model.compute_infer);
  *times.mutable_compute_output() = message_of(model.compute_output);
  times.mutable_cache_hit();
  times.mutable_cache_miss();
  for (const BatchStatistics& batch : model.batches) {
    auto& own = *message.add_batch_stats();
    own.set_batch_size(batch.batch_size);
    *own.mutable_compute_input() = message_of(batch.compute_input);
    *own.mutable_compute_infer() = message_of(batch.compute_infer);
    *own.mutable_compute_output() = message_of(batch.compute_output);
  }
  return message;
}

void check_repository(const std::string& repository) {
  if (repository.empty()) return;
  throw RequestError(RequestFault::kUnsupported,
                     "'repository_name' specification is not supported");
}

}  // namespace

inference::ServerMetadataResponse message_of(const ServerMetadata& metadata) {
  inference::ServerMetadataResponse message;
  message.set_name(metadata.name);
  message.set_version(metadata.version);
  for (const std::string& extension : metadata.extensions) message.add_extensions(extension);
  return message;
}

inference::ModelMetadataResponse message_of(const ModelMetadata& metadata) {
  inference::ModelMetadataResponse message;
  message.set_name(metadata.name);
  for (const std::string& version : metadata.versions) message.add_versions(version);
  message.set_platform(metadata.platform);
  for (const TensorMetadata& input : metadata.inputs) add_tensor(input, *message.add_inputs());
  for (const TensorMetadata& output : metadata.outputs) add_tensor(output, *message.add_outputs());
  return message;
}

inference::ModelStatisticsResponse message_of(const std::vector<ModelStatistics>& statistics) {
  inference::ModelStatisticsResponse message;
  for (const ModelStatistics& model : statistics) *message.add_model_stats() = message_of(model);
  return message;
}

inference::RepositoryIndexResponse message_of(const std::vector<IndexEntry>& index) {
  inference::RepositoryIndexResponse message;
  for (const IndexEntry& entry : index) {
    auto& model = *message.add_models();
    model.set_name(entry.name);
    model.set_version(entry.version);
    model.set_state(entry.state);
    model.set_reason(entry.reason);
  }
  return message;
}

std::optional<std::string> config_override(const inference::RepositoryModelLoadRequest& request) {
  check_repository(request.repository_name());
  std::optional<std::string> config;
  for (const auto& [key, value] : request.parameters()) {
    if (key.starts_with("file:")) {
      throw RequestError(RequestFault::kUnsupported,
                         "files of a model are not taken over the network");
    }
    if (key != "config") invalid_request("unrecognized load parameter '" + key + "'");
    if (!value.has_string_param()) {
      invalid_request("invalid value type for 'config' parameter, expected string_param.");
    }
    config = value.string_param();
  }
  return config;
}

void check_unload(const inference::RepositoryModelUnloadRequest& request) {
  check_repository(request.repository_name());
  const auto value = request.parameters().find("unload_dependents");
  if (value == request.parameters().end() || value->second.has_bool_param()) return;
  invalid_request("invalid value type for 'unload_dependents' parameter, expected bool_param.");
}

grpc::Status status_of(const RequestError& error) {
  std::string sentence = error.what();
  if (sentence.size() > kMostSentence) sentence = sentence.substr(0, kMostSentence) + "...";
  return {static_cast<grpc::StatusCode>(grpc_code(error.fault())), sentence};
}

}  // namespace scrim
