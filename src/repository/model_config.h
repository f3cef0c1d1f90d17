// A model's config.pbtxt, parsed, completed and checked: what the server needs of it as plain
// values.
#pragma once

#include "protocol/datatype.h"
#include "repository/release_contract.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// One input or output. The shapes leave out the batch dimension of a model with max_batch_size > 0.
struct TensorConfig {
  std::string name;
  Datatype datatype = Datatype::kFp32;
  std::vector<std::int64_t> dims;  // as requests see it; -1 for any length
  // As the network sees it, where that differs.
  std::optional<std::vector<std::int64_t>> reshape;
  bool optional = false;       // inputs only
  std::string label_filename;  // outputs only
};

// Which of the versions on disk are served.
struct VersionPolicy {
  enum class Kind { kLatest, kAll, kSpecific };
  Kind kind = Kind::kLatest;
  std::uint32_t latest = 1;            // kLatest: how many
  std::vector<std::int64_t> specific;  // kSpecific
};

struct QueuePolicy {
  bool delay_expired = false;  // timeout_action DELAY in place of REJECT
  std::uint64_t default_timeout_microseconds = 0;
  bool allow_timeout_override = false;
  std::uint32_t max_queue_size = 0;  // 0 for no limit
};

struct DynamicBatching {
  std::vector<std::int64_t> preferred_batch_sizes;
  std::uint64_t max_queue_delay_microseconds = 0;
  bool preserve_ordering = false;
  std::uint64_t priority_levels = 0;
  std::uint64_t default_priority_level = 0;
  QueuePolicy default_policy;
  std::map<std::uint64_t, QueuePolicy> policies;  // by priority level
};

// One input of a warm-up request.
struct WarmupInput {
  enum class Fill { kZero, kRandom, kFile };
  Datatype datatype = Datatype::kFp32;
  std::vector<std::int64_t> dims;
  Fill fill = Fill::kZero;
  std::string file;  // kFile: a name inside the model's folder "warmup"
};

struct Warmup {
  std::string name;
  std::uint32_t batch_size = 0;
  std::uint32_t count = 0;  // how often; 0 for once
  std::map<std::string, WarmupInput> inputs;
};

struct ModelConfig {
  std::string name;
  std::string platform;  // "pytorch_libtorch"
  std::string backend;   // "pytorch"
  VersionPolicy version_policy;
  std::int64_t max_batch_size = 0;  // 0: the shapes are complete
  std::vector<TensorConfig> inputs, outputs;
  std::uint32_t instances = 1;  // over all instance groups
  std::optional<DynamicBatching> dynamic_batching;
  std::map<std::string, std::string> parameters;
  std::optional<ReleaseContract> contract;  // of a model that takes obfuscated activations only
  std::vector<Warmup> warmups;
  std::string default_model_filename;  // empty for the backend's own
  std::map<std::string, std::string> metric_tags;

  std::string json;        // what the network calls /config: every field, 64-bit numbers as numbers
  std::string serialised;  // the same as the message inference.ModelConfig
};

// The config in `text` (protobuf text format) of the model in the folder `name`, completed as the
// reference server completes it: platform from backend and the other way round, one CPU instance
// group, preferred batch size of an empty dynamic_batching.
//
// Throws kInvalidArgument, in one sentence that names the model, the field and its value, for text
// that does not parse, an unknown field, another name than the folder's, an unknown backend, no
// input or output, a dimension of 0 or below -1, a reshape of another element count, KIND_GPU where
// there is none, a contract that does not hold together, and each field that is understood but not
// served.
ModelConfig parse_model_config(std::string_view text, const std::string& name);

// The same from JSON, as a load request overrides it. `config.name` may be absent.
ModelConfig parse_model_config_json(std::string_view text, const std::string& name);

}  // namespace scrim
