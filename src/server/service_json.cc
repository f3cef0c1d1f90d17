#include "server/service_json.h"

#include "base/json.h"

namespace scrim {
namespace {

// Bytes of a file name that are no UTF-8 must not keep an answer from being written.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json tensors(const std::vector<TensorMetadata>& list) {
  Json result = Json::array();
  for (const TensorMetadata& one : list) {
    result.push_back({{"name", one.name}, {"datatype", name(one.datatype)}, {"shape", one.shape}});
  }
  return result;
}

Json total(const TotalDuration& duration) {
  return {{"count", duration.count}, {"ns", duration.ns}};
}

Json batches(const std::vector<BatchStatistics>& list) {
  Json result = Json::array();
  for (const BatchStatistics& one : list) {
    result.push_back({{"batch_size", one.batch_size},
                      {"compute_input", total(one.compute_input)},
                      {"compute_infer", total(one.compute_infer)},
                      {"compute_output", total(one.compute_output)}});
  }
  return result;
}

Json statistics_of(const ModelStatistics& model) {
  return {{"name", model.name},
          {"version", model.version},
          {"last_inference", model.last_inference_ms},
          {"inference_count", model.inference_count},
          {"execution_count", model.execution_count},
          {"inference_stats",
           {{"success", total(model.success)},
            {"fail", total(model.fail)},
            {"queue", total(model.queue)},
            {"compute_input", total(model.compute_input)},
            {"compute_infer", total(model.compute_infer)},
            {"compute_output", total(model.compute_output)},
            {"cache_hit", total({})},
            {"cache_miss", total({})}}},
          {"response_stats", Json::object()},
          {"batch_stats", batches(model.batches)},
          {"memory_usage", Json::array()}};
}

}  // namespace

std::string to_json(const ServerMetadata& metadata) {
  return text_of({{"name", metadata.name},
                  {"version", metadata.version},
                  {"extensions", metadata.extensions}});
}

std::string to_json(const ModelMetadata& metadata) {
  return text_of({{"name", metadata.name},
                  {"versions", metadata.versions},
                  {"platform", metadata.platform},
                  {"inputs", tensors(metadata.inputs)},
                  {"outputs", tensors(metadata.outputs)}});
}

std::string to_json(const std::vector<ModelStatistics>& statistics) {
  Json list = Json::array();
  for (const ModelStatistics& one : statistics) list.push_back(statistics_of(one));
  return text_of({{"model_stats", list}});
}

std::string to_json(const std::vector<IndexEntry>& index) {
  Json list = Json::array();
  for (const IndexEntry& one : index) {
    Json entry = {{"name", one.name}};
    if (!one.version.empty()) entry["version"] = one.version;
    if (!one.state.empty()) entry["state"] = one.state;
    if (!one.reason.empty()) entry["reason"] = one.reason;
    list.push_back(std::move(entry));
  }
  return text_of(list);
}

}  // namespace scrim
