#include "repository/model_config.h"

#include "base/check.h"
#include "repository/model_config.pb.h"
#include "repository/model_config_check.h"
#include "repository/model_config_json.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

namespace scrim {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr int kMostNested = 32;

// Keeps the first fault, and nothing on any stream.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!text_.empty()) return;
    text_ = sentence("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Datatype datatype_of(inference::DataType type) {
  switch (type) {
    case inference::TYPE_BOOL:
      return Datatype::kBool;
    case inference::TYPE_UINT8:
      return Datatype::kUint8;
    case inference::TYPE_UINT16:
      return Datatype::kUint16;
    case inference::TYPE_UINT32:
      return Datatype::kUint32;
    case inference::TYPE_UINT64:
      return Datatype::kUint64;
    case inference::TYPE_INT8:
      return Datatype::kInt8;
    case inference::TYPE_INT16:
      return Datatype::kInt16;
    case inference::TYPE_INT32:
      return Datatype::kInt32;
    case inference::TYPE_INT64:
      return Datatype::kInt64;
    case inference::TYPE_FP16:
      return Datatype::kFp16;
    case inference::TYPE_FP64:
      return Datatype::kFp64;
    case inference::TYPE_STRING:
      return Datatype::kBytes;
    case inference::TYPE_BF16:
      return Datatype::kBf16;
    default:
      return Datatype::kFp32;  // what is no type was refused
  }
}

template <typename Repeated>
std::vector<std::int64_t> numbers(const Repeated& list) {
  return {list.begin(), list.end()};
}

template <typename Tensor>
TensorConfig tensor_of(const Tensor& tensor) {
  TensorConfig result;
  result.name = tensor.name();
  result.datatype = datatype_of(tensor.data_type());
  result.dims = numbers(tensor.dims());
  if (tensor.has_reshape()) result.reshape = numbers(tensor.reshape().shape());
  return result;
}

QueuePolicy policy_of(const inference::ModelQueuePolicy& policy) {
  return {policy.timeout_action() == inference::ModelQueuePolicy::DELAY,
          policy.default_timeout_microseconds(), policy.allow_timeout_override(),
          policy.max_queue_size()};
}

DynamicBatching batching_of(const inference::ModelDynamicBatching& batching) {
  DynamicBatching result;
  result.preferred_batch_sizes = numbers(batching.preferred_batch_size());
  result.max_queue_delay_microseconds = batching.max_queue_delay_microseconds();
  result.preserve_ordering = batching.preserve_ordering();
  result.priority_levels = batching.priority_levels();
  result.default_priority_level = batching.default_priority_level();
  result.default_policy = policy_of(batching.default_queue_policy());
  for (const auto& [level, policy] : batching.priority_queue_policy()) {
    result.policies[level] = policy_of(policy);
  }
  return result;
}

Warmup warmup_of(const inference::ModelWarmup& warmup) {
  Warmup result{warmup.name(), warmup.batch_size(), warmup.count(), {}};
  for (const auto& [name, input] : warmup.inputs()) {
    WarmupInput one;
    one.datatype = datatype_of(input.data_type());
    one.dims = numbers(input.dims());
    if (input.random_data()) one.fill = WarmupInput::Fill::kRandom;
    if (!input.input_data_file().empty()) one.fill = WarmupInput::Fill::kFile;
    one.file = input.input_data_file();
    result.inputs[name] = std::move(one);
  }
  return result;
}

VersionPolicy policy_of(const inference::ModelVersionPolicy& policy) {
  if (policy.has_all()) return {VersionPolicy::Kind::kAll, 1, {}};
  if (policy.has_specific()) {
    return {VersionPolicy::Kind::kSpecific, 1, numbers(policy.specific().versions())};
  }
  return {VersionPolicy::Kind::kLatest, policy.latest().num_versions(), {}};
}

ModelConfig config_of(inference::ModelConfig message, const std::string& name) {
  complete_config(message, name);
  check_config(message, name);
  ModelConfig config;
  config.json = config_json(message);  // first: it refuses values that mean nothing
  config.serialised = message.SerializeAsString();
  config.name = message.name();
  config.platform = message.platform();
  config.backend = message.backend();
  config.version_policy = policy_of(message.version_policy());
  config.max_batch_size = message.max_batch_size();
  for (const auto& input : message.input()) {
    config.inputs.push_back(tensor_of(input));
    config.inputs.back().optional = input.optional();
  }
  for (const auto& output : message.output()) {
    config.outputs.push_back(tensor_of(output));
    config.outputs.back().label_filename = output.label_filename();
  }
  config.instances = 0;
  for (const auto& group : message.instance_group()) {
    config.instances += static_cast<std::uint32_t>(group.count());
  }
  if (message.has_dynamic_batching()) {
    config.dynamic_batching = batching_of(message.dynamic_batching());
  }
  for (const auto& [key, value] : message.parameters()) {
    config.parameters[key] = value.string_value();
  }
  config.contract = read_contract(config.parameters, config.name);
  for (const auto& warmup : message.model_warmup()) config.warmups.push_back(warmup_of(warmup));
  config.default_model_filename = message.default_model_filename();
  config.metric_tags = {message.metric_tags().begin(), message.metric_tags().end()};
  return config;
}

// What a parser says: its first line says what, and the next show where in the text. It may quote
// the text at any length.
std::string first_words(const std::string& text) {
  constexpr std::size_t kMost = 200;
  std::size_t end = std::min(text.find('\n'), text.size());
  if (end <= kMost) return text.substr(0, end);
  end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;  // no half of a character
  return text.substr(0, end) + "...";
}

void check_size(std::string_view text, const std::string& name) {
  check(text.size() <= kMostBytes, "model '", name, "': its config has ", text.size(),
        " bytes, more than ", kMostBytes);
}

}  // namespace

ModelConfig parse_model_config(std::string_view text, const std::string& name) {
  check_size(text, name);
  inference::ModelConfig message;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMostNested);
  google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
  const bool parsed = parser.Parse(&stream, &message);
  check(parsed, "model '", name, "': its config is not valid: ", first_words(error.text()));
  return config_of(std::move(message), name);
}

ModelConfig parse_model_config_json(std::string_view text, const std::string& name) {
  check_size(text, name);
  inference::ModelConfig message;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), &message);
  check(status.ok(), "model '", name, "': its config is not valid JSON of a config: ",
        first_words({status.message().data(), status.message().size()}));
  return config_of(std::move(message), name);
}

}  // namespace scrim
