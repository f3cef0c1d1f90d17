#include "serve/torchscript_engine.h"

#include "base/check.h"
#include "base/files.h"
#include "network/run_script.h"
#include "network/script_file.h"
#include "protocol/string_tensor.h"
#include "serve/argument_order.h"
#include "serve/engine_failures.h"
#include "serve/engine_threads.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstring>
#include <map>

namespace scrim {
namespace {

const std::map<Datatype, at::ScalarType> kTypes = {
    {Datatype::kBool, at::kBool},   {Datatype::kUint8, at::kByte},    {Datatype::kInt8, at::kChar},
    {Datatype::kInt16, at::kShort}, {Datatype::kInt32, at::kInt},     {Datatype::kInt64, at::kLong},
    {Datatype::kFp16, at::kHalf},   {Datatype::kBf16, at::kBFloat16}, {Datatype::kFp32, at::kFloat},
    {Datatype::kFp64, at::kDouble},
};

Datatype datatype_of(at::ScalarType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  fail(ErrorCode::kInternal, "the model gives tensors of a type that is not served");
}

// A view where the bytes lie as the type needs them, a copy elsewhere: a binary tensor begins
// anywhere in its body.
at::Tensor tensor_of(const TensorMessage& message) {
  const at::ScalarType type = kTypes.at(message.datatype);
  const std::string_view bytes = message.bytes.view();
  auto* data = const_cast<char*>(bytes.data());
  constexpr std::uintptr_t kAlignment = 16;
  if (bytes.empty()) return at::empty(message.shape, type);
  if (reinterpret_cast<std::uintptr_t>(data) % kAlignment == 0) {
    return at::from_blob(data, message.shape, type);
  }
  at::Tensor copy = at::empty(message.shape, type);
  std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
  return copy;
}

c10::IValue strings_of(const TensorMessage& message) {
  c10::List<std::string> list;
  std::string_view rest = message.bytes.view();
  while (const auto element = take_string(rest)) list.emplace_back(*element);
  return list;
}

TensorMessage message_of(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.to(at::kCPU).contiguous();
  TensorMessage message;
  message.datatype = datatype_of(dense.scalar_type());
  message.shape = dense.sizes().vec();
  message.bytes =
      TensorBytes::own(std::string(static_cast<const char*>(dense.data_ptr()), dense.nbytes()));
  return message;
}

TensorMessage message_of_strings(const c10::IValue& list) {
  TensorMessage message;
  message.datatype = Datatype::kBytes;
  std::string bytes;
  const auto strings = list.toListRef();
  for (const c10::IValue& one : strings) {
    append_string(bytes, one.toStringRef());
  }
  message.shape = {static_cast<std::int64_t>(strings.size())};
  message.bytes = TensorBytes::own(std::move(bytes));
  return message;
}

bool is_string_list(const c10::IValue& value) {
  return value.isList() && value.toList().elementType()->kind() == c10::TypeKind::StringType;
}

std::vector<TensorMessage> messages_of(const c10::IValue& result) {
  std::vector<TensorMessage> messages;
  if (is_string_list(result)) {
    messages.push_back(message_of_strings(result));
  } else if (result.isTuple()) {
    for (const c10::IValue& one : result.toTupleRef().elements()) {
      messages.push_back(is_string_list(one) ? message_of_strings(one)
                                             : message_of(one.toTensor()));
    }
  } else {
    for (const at::Tensor& one : tensors_of(result)) messages.push_back(message_of(one));
  }
  return messages;
}

class TorchScriptEngine : public Engine {
 public:
  TorchScriptEngine(const ModelConfig& config, const std::filesystem::path& file,
                    std::function<void(const std::string&)> log)
      : config_(config),
        threads_(engine_threads(config, "INTRA_OP_THREAD_COUNT")),
        failures_(config.name, std::move(log)) {
    for (const auto* tensors : {&config.inputs, &config.outputs}) {
      for (const TensorConfig& tensor : *tensors) {
        const bool known = tensor.datatype == Datatype::kBytes || kTypes.contains(tensor.datatype);
        check(known, "the backend pytorch has no ", name(tensor.datatype), ", the datatype of '",
              tensor.name, "'");
      }
    }
    open(file);
  }

  std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) override {
    if (at::get_num_threads() != threads_) at::set_num_threads(threads_);
    return failures_.explained("failed while it ran", [&] {
      std::vector<c10::IValue> arguments(config_.inputs.size());
      for (const TensorMessage& input : inputs) {
        const auto at = std::ranges::find(config_.inputs, input.name, &TensorConfig::name);
        const auto index = static_cast<std::size_t>(at - config_.inputs.begin());
        arguments[argument_of_[index]] =
            input.datatype == Datatype::kBytes ? strings_of(input) : c10::IValue(tensor_of(input));
      }
      std::vector<TensorMessage> results = messages_of(call_(arguments));
      check(results.size() >= config_.outputs.size(), "gives ", results.size(),
            " outputs where the config has ", config_.outputs.size());
      std::vector<TensorMessage> outputs;
      for (const std::size_t result : result_of_) {
        check(result < results.size(), "gives no output number ", result);
        outputs.push_back(std::move(results[result]));
      }
      return outputs;
    });
  }

 private:
  void open(const std::filesystem::path& file) {
    const std::string what = "model '" + config_.name + "'";
    std::vector<std::string> arguments;
    failures_.explained("has no file that can be opened", [&] {
      const torch::jit::Module module = parse_script(read_file(file), what);
      const auto& schema = module.get_method("forward").function().getSchema();
      for (const auto& argument : schema.arguments()) arguments.push_back(argument.name());
      call_ = prepared_call(module, what);
    });
    arguments.erase(arguments.begin());  // self
    argument_of_ = order_of_inputs(config_, arguments);
    result_of_ = order_of_outputs(config_);
  }

  const ModelConfig config_;
  const int threads_;
  const EngineFailures failures_;
  std::vector<std::size_t> argument_of_;  // of each input of the config
  std::vector<std::size_t> result_of_;    // of each output of the config
  CallScript call_;
};

}  // namespace

EngineFactory torchscript_engines(std::function<void(const std::string&)> log) {
  return [log = std::move(log)](const ModelConfig& config, const std::filesystem::path& file) {
    return std::make_unique<TorchScriptEngine>(config, file, log);
  };
}

}  // namespace scrim
