#include "repository/model_config_check.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <span>
#include <string_view>

namespace scrim {
namespace {

using inference::ModelConfig;
using inference::ModelInstanceGroup;

struct Backend {
  std::string_view name, platform, file;
};

// The backends that are known by name, with the file by which a model without either is known.
constexpr std::array<Backend, 3> kBackends = {{
    {"pytorch", "pytorch_libtorch", "model.pt"},
    {"onnxruntime", "onnxruntime_onnx", "model.onnx"},
    {"openvino", "", "model.xml"},
}};

constexpr std::int64_t kMostDimensions = 64;

template <typename... Parts>
[[noreturn]] void invalid(const std::string& model, const Parts&... parts) {
  fail(ErrorCode::kInvalidArgument, "model '", model, "': ", parts...);
}

void complete_backend(ModelConfig& config) {
  if (config.backend() == "libtorch") config.set_backend("pytorch");
  for (const Backend& one : kBackends) {
    const bool by_platform = !one.platform.empty() && config.platform() == one.platform;
    if (config.backend().empty() && by_platform) config.set_backend(std::string(one.name));
    if (config.backend() != one.name || !config.platform().empty()) continue;
    config.set_platform(std::string(one.platform));
    // As the reference server: a config without a platform gets the file's name as well.
    if (config.default_model_filename().empty()) {
      config.set_default_model_filename(std::string(one.file));
    }
  }
}

void complete_instances(ModelConfig& config) {
  if (config.instance_group().empty()) config.add_instance_group();
  int number = 0;
  for (ModelInstanceGroup& group : *config.mutable_instance_group()) {
    const std::string suffix = number == 0 ? "" : "_" + std::to_string(number);
    if (group.name().empty()) group.set_name(config.name() + suffix);
    if (group.kind() == ModelInstanceGroup::KIND_AUTO) {
      group.set_kind(ModelInstanceGroup::KIND_CPU);
    }
    if (group.count() == 0) group.set_count(1);
    ++number;
  }
}

void complete_optimization(ModelConfig& config) {
  auto& optimization = *config.mutable_optimization();
  if (!optimization.has_input_pinned_memory()) {
    optimization.mutable_input_pinned_memory()->set_enable(true);
  }
  if (!optimization.has_output_pinned_memory()) {
    optimization.mutable_output_pinned_memory()->set_enable(true);
  }
}

// What is parsed and printed, and would change answers if it were left out.
void check_unserved(const ModelConfig& config, const std::string& model) {
  const std::pair<bool, const char*> fields[] = {
      {config.has_sequence_batching(), "sequence_batching"},
      {config.has_ensemble_scheduling(), "ensemble_scheduling"},
      {config.model_transaction_policy().decoupled(), "model_transaction_policy.decoupled"},
      {!config.batch_input().empty(), "batch_input"},
      {!config.batch_output().empty(), "batch_output"},
      {!config.model_operations().op_library_filename().empty(), "model_operations"},
      {!config.model_repository_agents().agents().empty(), "model_repository_agents"},
      {config.response_cache().enable(), "response_cache"},
      {!config.cc_model_filenames().empty(), "cc_model_filenames"},
      {!config.runtime().empty(), "runtime"},
      {config.optimization().has_execution_accelerators(), "optimization.execution_accelerators"},
      {config.optimization().cuda().graphs(), "optimization.cuda.graphs"},
  };
  for (const auto& [set, field] : fields) {
    if (set) {
      fail(ErrorCode::kUnsupported, "model '", model, "': ", field, " is not served here");
    }
  }
}

void check_dims(const std::string& model, const std::string& what,
                const google::protobuf::RepeatedField<std::int64_t>& dims) {
  if (dims.size() > kMostDimensions) {
    invalid(model, what, " has ", dims.size(), " dimensions, more than ", kMostDimensions);
  }
  for (const std::int64_t dim : dims) {
    if (dim < -1 || dim == 0) {
      invalid(model, what, " has a dimension of ", dim, ", which must be at least 1, or -1");
    }
  }
}

// The product of the fixed dimensions.
std::int64_t fixed_elements(const std::string& model, const std::string& what,
                            const google::protobuf::RepeatedField<std::int64_t>& dims) {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims) {
    if (dim == -1) continue;
    if (product > std::numeric_limits<std::int64_t>::max() / dim) {
      invalid(model, what, " has more elements than can be counted");
    }
    product *= dim;
  }
  return product;
}

template <typename Tensor>
void check_tensor(const Tensor& tensor, const std::string& model, const char* kind) {
  const std::string what = sentence(kind, " '", tensor.name(), "'");
  if (tensor.name().empty()) invalid(model, "an ", kind, " has no name");
  if (tensor.data_type() == inference::TYPE_INVALID) invalid(model, what, " has no data_type");
  if (tensor.dims().empty() && !tensor.has_reshape()) invalid(model, what, " has no dims");
  if (tensor.is_shape_tensor()) {
    fail(ErrorCode::kUnsupported, "model '", model, "': is_shape_tensor of ", what,
         " is not served here");
  }
  check_dims(model, what, tensor.dims());
  const std::int64_t elements = fixed_elements(model, what, tensor.dims());
  if (!tensor.has_reshape()) return;
  const auto& shape = tensor.reshape().shape();
  check_dims(model, "the reshape of " + what, shape);
  const auto variable = std::ranges::count(tensor.dims(), -1);
  if (fixed_elements(model, what, shape) != elements || std::ranges::count(shape, -1) != variable) {
    invalid(model, what, " and its reshape have different numbers of elements");
  }
}

void check_tensors(const ModelConfig& config, const std::string& model) {
  std::set<std::string> names;
  for (const auto& input : config.input()) {
    check_tensor(input, model, "input");
    if (input.allow_ragged_batch()) {
      fail(ErrorCode::kUnsupported, "model '", model, "': allow_ragged_batch of input '",
           input.name(), "' is not served here");
    }
    if (!names.insert(input.name()).second) invalid(model, "two inputs are '", input.name(), "'");
  }
  names.clear();
  for (const auto& output : config.output()) {
    check_tensor(output, model, "output");
    if (!names.insert(output.name()).second) {
      invalid(model, "two outputs are '", output.name(), "'");
    }
  }
  if (config.input().empty()) invalid(model, "the config has no input");
  if (config.output().empty()) invalid(model, "the config has no output");
}

void check_instances(const ModelConfig& config, const std::string& model) {
  constexpr int kMost = 256;
  for (const ModelInstanceGroup& group : config.instance_group()) {
    if (group.count() < 1 || group.count() > kMost) {
      invalid(model, "instance_group '", group.name(), "' has a count of ", group.count(),
              ", not 1 to ", kMost);
    }
    if (group.kind() == ModelInstanceGroup::KIND_GPU) {
      invalid(model, "instance_group '", group.name(),
              "' has kind KIND_GPU, and this server runs models on the CPU");
    }
  }
}

void check_batching(const ModelConfig& config, const std::string& model) {
  if (config.max_batch_size() < 0) {
    invalid(model, "max_batch_size is ", config.max_batch_size(), ", below 0");
  }
  const auto& batching = config.dynamic_batching();
  for (const std::int32_t size : batching.preferred_batch_size()) {
    if (size < 1 || size > std::max(config.max_batch_size(), 1)) {
      invalid(model, "preferred_batch_size ", size, " is not 1 to max_batch_size ",
              config.max_batch_size());
    }
  }
  if (batching.default_priority_level() > batching.priority_levels()) {
    invalid(model, "default_priority_level ", batching.default_priority_level(),
            " is above priority_levels ", batching.priority_levels());
  }
  for (const auto& [level, policy] : batching.priority_queue_policy()) {
    if (level < 1 || level > batching.priority_levels()) {
      invalid(model, "priority_queue_policy ", level, " is not 1 to priority_levels ",
              batching.priority_levels());
    }
  }
}

void check_versions(const ModelConfig& config, const std::string& model) {
  const auto& policy = config.version_policy();
  if (policy.has_latest() && policy.latest().num_versions() == 0) {
    invalid(model, "version_policy latest has num_versions 0, below 1");
  }
  for (const std::int64_t version : policy.specific().versions()) {
    if (version < 1) invalid(model, "version_policy names version ", version, ", below 1");
  }
}

}  // namespace

void complete_config(ModelConfig& config, const std::string& name) {
  if (config.name().empty()) config.set_name(name);
  complete_backend(config);
  complete_instances(config);
  complete_optimization(config);
  auto& policy = *config.mutable_version_policy();
  if (policy.policy_choice_case() == inference::ModelVersionPolicy::POLICY_CHOICE_NOT_SET) {
    policy.mutable_latest()->set_num_versions(1);
  }
  if (config.has_dynamic_batching() && config.dynamic_batching().preferred_batch_size().empty() &&
      config.max_batch_size() > 0) {
    config.mutable_dynamic_batching()->add_preferred_batch_size(config.max_batch_size());
  }
}

void check_config(const ModelConfig& config, const std::string& name) {
  if (config.name() != name) {
    invalid(name, "unexpected name '", config.name(),
            "' in its config, which must be that of the folder");
  }
  const auto known = std::ranges::find(kBackends, config.backend(), &Backend::name);
  if (known == kBackends.end()) {
    invalid(name, config.backend().empty()
                      ? "the config has no backend and no platform that is known"
                      : "backend '" + config.backend() + "' is not known");
  }
  if (!config.platform().empty() && config.platform() != known->platform) {
    invalid(name, "platform '", config.platform(), "' does not belong to backend '",
            config.backend(), "'");
  }
  check_unserved(config, name);
  check_versions(config, name);
  check_batching(config, name);
  check_instances(config, name);
  check_tensors(config, name);
}

}  // namespace scrim
