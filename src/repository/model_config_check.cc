#include "repository/model_config_check.h"

#include "repository/config_fault.h"
#include "repository/tensor_config_check.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace scrim {
namespace {

struct Backend {
  std::string_view name, platform, file;
};

// The backends that are known by name, with the file by which a model without either is known.
constexpr std::array<Backend, 3> kBackends = {{
    {"pytorch", "pytorch_libtorch", "model.pt"},
    {"onnxruntime", "onnxruntime_onnx", "model.onnx"},
    {"openvino", "", "model.xml"},
}};

void complete_backend(inference::ModelConfig& config) {
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

void complete_instances(inference::ModelConfig& config) {
  if (config.instance_group().empty()) config.add_instance_group();
  int number = 0;
  for (inference::ModelInstanceGroup& group : *config.mutable_instance_group()) {
    const std::string suffix = number == 0 ? "" : "_" + std::to_string(number);
    if (group.name().empty()) group.set_name(config.name() + suffix);
    if (group.kind() == inference::ModelInstanceGroup::KIND_AUTO) {
      group.set_kind(inference::ModelInstanceGroup::KIND_CPU);
    }
    if (group.count() == 0) group.set_count(1);
    ++number;
  }
}

void complete_optimization(inference::ModelConfig& config) {
  auto& optimization = *config.mutable_optimization();
  if (!optimization.has_input_pinned_memory()) {
    optimization.mutable_input_pinned_memory()->set_enable(true);
  }
  if (!optimization.has_output_pinned_memory()) {
    optimization.mutable_output_pinned_memory()->set_enable(true);
  }
}

// What is parsed and printed, and would change answers if it were left out.
void check_unserved(const inference::ModelConfig& config, const std::string& model) {
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
      {!config.model_metrics().metric_control().empty(), "model_metrics"},
  };
  for (const auto& [set, field] : fields) {
    if (set) unserved(model, field);
  }
}

// The same of the groups: each would place or hold back instances.
void check_unserved(const inference::ModelInstanceGroup& group, const std::string& model) {
  const std::pair<bool, const char*> fields[] = {
      {!group.gpus().empty(), "gpus"},
      {!group.secondary_devices().empty(), "secondary_devices"},
      {!group.profile().empty(), "profile"},
      {group.passive(), "passive"},
      {!group.host_policy().empty(), "host_policy"},
      {group.has_rate_limiter(), "rate_limiter"},
  };
  for (const auto& [set, field] : fields) {
    if (set) unserved(model, std::string("instance_group.") + field);
  }
}

void check_instances(const inference::ModelConfig& config, const std::string& model) {
  constexpr std::int64_t kMost = 256;  // each is a thread and a copy of what the engine needs
  std::int64_t instances = 0;
  for (const inference::ModelInstanceGroup& group : config.instance_group()) {
    const std::string name = shown(group.name());
    if (group.count() < 1 || group.count() > kMost) {
      invalid(model, "instance_group ", name, " has a count of ", group.count(), ", not 1 to ",
              kMost);
    }
    if (group.kind() == inference::ModelInstanceGroup::KIND_GPU) {
      invalid(model, "instance_group ", name,
              " has kind KIND_GPU, and this server runs models on the CPU");
    }
    check_unserved(group, model);
    instances += group.count();
  }
  if (instances > kMost) {
    invalid(model, "the instance_groups have ", instances, " instances in all, more than ", kMost);
  }
}

void check_queue(const inference::ModelQueuePolicy& policy, const std::string& model) {
  if (policy.timeout_action() == inference::ModelQueuePolicy::DELAY &&
      policy.default_timeout_microseconds() != 0) {
    invalid(model, "dynamic_batching has timeout_action DELAY, which preserve_ordering forbids");
  }
}

void check_priorities(const inference::ModelDynamicBatching& batching, const std::string& model) {
  const std::uint64_t levels = batching.priority_levels(),
                      usual = batching.default_priority_level();
  if (usual > levels || (levels > 0 && usual == 0)) {
    invalid(model, "default_priority_level ", usual, " is not 1 to priority_levels ", levels);
  }
  for (const auto& [level, policy] : batching.priority_queue_policy()) {
    if (level < 1 || level > levels) {
      invalid(model, "priority_queue_policy ", level, " is not 1 to priority_levels ", levels);
    }
  }
  if (!batching.preserve_ordering()) return;
  if (levels > 1) {
    invalid(model, "priority_levels is ", levels, ", and preserve_ordering allows 1");
  }
  check_queue(batching.default_queue_policy(), model);
  for (const auto& [level, policy] : batching.priority_queue_policy()) check_queue(policy, model);
}

void check_batching(const inference::ModelConfig& config, const std::string& model) {
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
  check_priorities(batching, model);
}

void check_versions(const inference::ModelConfig& config, const std::string& model) {
  const auto& policy = config.version_policy();
  if (policy.has_latest() && policy.latest().num_versions() == 0) {
    invalid(model, "version_policy latest has num_versions 0, below 1");
  }
  for (const std::int64_t version : policy.specific().versions()) {
    if (version < 1) invalid(model, "version_policy names version ", version, ", below 1");
  }
}

// They become names of labels in what monitoring reads, where one bad name spoils the page.
void check_tags(const inference::ModelConfig& config, const std::string& model) {
  for (const auto& [tag, value] : config.metric_tags()) {
    const bool plain = std::ranges::all_of(
        tag, [](unsigned char c) { return c == '_' || (c < 0x80 && std::isalnum(c) != 0); });
    if (tag.empty() || !plain) {
      invalid(model, "metric_tags has ", shown(tag), ", not a name of letters, digits and '_'");
    }
  }
}

constexpr std::uint32_t kMostWarmups = 1000;  // runs before a model is ready

void check_warmups(const inference::ModelConfig& config, const std::string& model) {
  using Input = inference::ModelWarmup::Input;
  for (const auto& warmup : config.model_warmup()) {
    if (warmup.count() > kMostWarmups) {
      invalid(model, sentence("model_warmup ", shown(warmup.name()), " has a count of ",
                              warmup.count(), ", above ", kMostWarmups));
    }
    for (const auto& [name, input] : warmup.inputs()) {
      const std::string what =
          sentence("input ", shown(name), " of model_warmup ", shown(warmup.name()));
      if (input.data_type() == inference::TYPE_INVALID) invalid(model, what, " has no data_type");
      if (input.input_data_type_case() == Input::INPUT_DATA_TYPE_NOT_SET) {
        invalid(model, what, " has none of zero_data, random_data and input_data_file");
      }
    }
  }
}

}  // namespace

void complete_config(inference::ModelConfig& config, const std::string& name) {
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

void check_config(const inference::ModelConfig& config, const std::string& name) {
  if (config.name() != name) {
    invalid(name, "unexpected name ", shown(config.name()),
            " in its config, which must be that of the folder");
  }
  const auto known = std::ranges::find(kBackends, config.backend(), &Backend::name);
  if (known == kBackends.end()) {
    invalid(name, config.backend().empty()
                      ? "the config has no backend and no platform that is known"
                      : "backend " + shown(config.backend()) + " is not known");
  }
  if (!config.platform().empty() && config.platform() != known->platform) {
    invalid(name, "platform ", shown(config.platform()), " does not belong to backend '",
            config.backend(), "'");
  }
  check_unserved(config, name);
  check_versions(config, name);
  check_batching(config, name);
  check_instances(config, name);
  check_tensors(config, name);
  check_warmups(config, name);
  check_tags(config, name);
}

}  // namespace scrim
