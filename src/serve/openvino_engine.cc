#include "serve/openvino_engine.h"

#ifndef SCRIM_OPENVINO

namespace scrim {

void add_openvino_engines(Engines&, const std::function<void(const std::string&)>&) {}

}  // namespace scrim

#else

#include "base/check.h"
#include "serve/engine_failures.h"
#include "serve/engine_threads.h"

#include <openvino/openvino.hpp>

#include <algorithm>
#include <cstring>
#include <map>

namespace scrim {
namespace {

const std::map<Datatype, ov::element::Type> kElements = {
    {Datatype::kBool, ov::element::boolean}, {Datatype::kUint8, ov::element::u8},
    {Datatype::kUint16, ov::element::u16},   {Datatype::kUint32, ov::element::u32},
    {Datatype::kUint64, ov::element::u64},   {Datatype::kInt8, ov::element::i8},
    {Datatype::kInt16, ov::element::i16},    {Datatype::kInt32, ov::element::i32},
    {Datatype::kInt64, ov::element::i64},    {Datatype::kFp16, ov::element::f16},
    {Datatype::kBf16, ov::element::bf16},    {Datatype::kFp32, ov::element::f32},
    {Datatype::kFp64, ov::element::f64},
};

// One for the process: devices are looked for once.
ov::Core& core() {
  static ov::Core core;
  return core;
}

// The tensor with the bytes, which lie as its type needs them or are copied.
ov::Tensor element_tensor(const TensorMessage& message) {
  const ov::element::Type type = kElements.at(message.datatype);
  const ov::Shape shape(message.shape.begin(), message.shape.end());
  const std::string_view bytes = message.bytes.view();
  constexpr std::uintptr_t kAlignment = 16;
  auto* data = const_cast<char*>(bytes.data());
  if (!bytes.empty() && reinterpret_cast<std::uintptr_t>(data) % kAlignment == 0) {
    return {type, shape, data};
  }
  ov::Tensor copy(type, shape);
  if (!bytes.empty()) std::memcpy(copy.data(), bytes.data(), bytes.size());
  return copy;
}

TensorMessage element_message(const TensorConfig& config, const ov::Tensor& tensor) {
  check(tensor.get_element_type() == kElements.at(config.datatype), "gives output '", config.name,
        "' in another datatype than ", name(config.datatype));
  TensorMessage message;
  message.name = config.name;
  message.datatype = config.datatype;
  for (const std::size_t dimension : tensor.get_shape()) {
    message.shape.push_back(static_cast<std::int64_t>(dimension));
  }
  message.bytes = TensorBytes::own(
      std::string(static_cast<const char*>(tensor.data()), tensor.get_byte_size()));
  return message;
}

class OpenVinoEngine : public Engine {
 public:
  OpenVinoEngine(const ModelConfig& config, const std::filesystem::path& file,
                 std::function<void(const std::string&)> log)
      : config_(config),
        threads_(engine_threads(config, "INFERENCE_NUM_THREADS")),
        failures_(config.name, std::move(log)) {
    for (const auto* tensors : {&config.inputs, &config.outputs}) {
      for (const TensorConfig& tensor : *tensors) {
        check(kElements.contains(tensor.datatype), "the backend ", config.backend, " has no ",
              name(tensor.datatype), ", the datatype of '", tensor.name, "'");
      }
    }
    open(file);
  }

  std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) override {
    return failures_.explained("failed while it ran", [&] {
      for (const TensorMessage& input : inputs) {
        request_.set_tensor(input.name, element_tensor(input));
      }
      request_.infer();
      std::vector<TensorMessage> outputs;
      for (const TensorConfig& output : config_.outputs) {
        outputs.push_back(element_message(output, request_.get_tensor(output.name)));
      }
      return outputs;
    });
  }

 private:
  void open(const std::filesystem::path& file) {
    failures_.explained("has no file that can be opened", [&] {
      const auto model = core().read_model(file.string());
      for (const TensorConfig& input : config_.inputs) model->input(input.name);
      for (const TensorConfig& output : config_.outputs) model->output(output.name);
      // Precision stays that of the file: answers are the same on every machine.
      request_ =
          core()
              .compile_model(model, "CPU", ov::inference_num_threads(threads_), ov::num_streams(1),
                             ov::hint::inference_precision(ov::element::f32))
              .create_infer_request();
    });
  }

  const ModelConfig config_;
  const int threads_;
  const EngineFailures failures_;
  ov::InferRequest request_;
};

}  // namespace

void add_openvino_engines(Engines& engines, const std::function<void(const std::string&)>& log) {
  for (const char* backend : {"openvino", "onnxruntime"}) {
    engines[backend] = [log](const ModelConfig& config, const std::filesystem::path& file) {
      return std::make_unique<OpenVinoEngine>(config, file, log);
    };
  }
}

}  // namespace scrim

#endif
