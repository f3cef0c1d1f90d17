// Engines computed here, and configs for them: the server without any tensor library.
#pragma once

#include "server/engine.h"

#include <scrim/status.h>

#include "base/files.h"
#include "support/temporary_folder.h"

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace scrim {

// Two INT32 inputs of 16, their sum and their difference; batches of up to 8.
inline std::string simple_config(const std::string& more = "") {
  return R"(backend: "pytorch" max_batch_size: 8
            input [{ name: "INPUT0" data_type: TYPE_INT32 dims: 16 },
                   { name: "INPUT1" data_type: TYPE_INT32 dims: 16 }]
            output [{ name: "OUTPUT0" data_type: TYPE_INT32 dims: 16 },
                    { name: "OUTPUT1" data_type: TYPE_INT32 dims: 16 }] )" +
         more;
}

// One input of any length comes out as it is; batches of up to 64 unless `batch` says otherwise.
inline std::string identity_config(const std::string& more = "", int batch = 64,
                                   const std::string& type = "FP32") {
  return "backend: \"pytorch\" max_batch_size: " + std::to_string(batch) +
         " input { name: \"INPUT0\" data_type: TYPE_" + type +
         " dims: -1 } output { name: \"OUTPUT0\" data_type: TYPE_" + type + " dims: -1 } " + more;
}

template <typename Element>
std::string bytes_of(const std::vector<Element>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Element)};
}

template <typename Element>
std::vector<Element> values_of(std::string_view bytes) {
  std::vector<Element> values(bytes.size() / sizeof(Element));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Element));
  return values;
}

template <typename Element>
TensorMessage tensor(const std::string& name, Datatype type, std::vector<std::int64_t> shape,
                     const std::vector<Element>& values) {
  TensorMessage message;
  message.name = name;
  message.datatype = type;
  message.shape = std::move(shape);
  message.bytes = TensorBytes::own(bytes_of(values));
  return message;
}

// `batch` rows of one INT32 value each, for simple_config().
inline TensorMessage rows(const std::string& name, std::int64_t batch, std::int32_t value) {
  return tensor(name, Datatype::kInt32, {batch, 16},
                std::vector<std::int32_t>(static_cast<std::size_t>(batch) * 16, value));
}

inline InferRequest simple_request(std::int64_t batch, std::int32_t a, std::int32_t b) {
  InferRequest request;
  request.inputs.push_back(rows("INPUT0", batch, a));
  request.inputs.push_back(rows("INPUT1", batch, b));
  return request;
}

class SumAndDifference : public Engine {
 public:
  std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) override {
    const auto a = values_of<std::int32_t>(inputs[0].bytes.view());
    const auto b = values_of<std::int32_t>(inputs[1].bytes.view());
    std::vector<std::int32_t> sum(a.size()), difference(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum[i] = a[i] + b[i];
      difference[i] = a[i] - b[i];
    }
    return {tensor("", Datatype::kInt32, inputs[0].shape, sum),
            tensor("", Datatype::kInt32, inputs[0].shape, difference)};
  }
};

class Identity : public Engine {
 public:
  std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) override {
    TensorMessage output = inputs[0];
    output.bytes = TensorBytes::own(std::string(inputs[0].bytes.view()));
    return {output};
  }
};

// Holds every run until open() is called.
class Gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }
  void pass() {
    ++arrived_;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  // Waits until so many runs stand before it.
  void await(int count) const {
    while (arrived_ < count) std::this_thread::yield();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::atomic<int> arrived_ = 0;
};

class GatedIdentity : public Identity {
 public:
  explicit GatedIdentity(Gate& gate) : gate_(gate) {}
  std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) override {
    gate_.pass();
    return Identity::run(inputs);
  }

 private:
  Gate& gate_;
};

// What its file says: "simple", "identity", or anything else, which cannot be opened. A run of
// "throws" fails.
inline Engines file_engines() {
  return {
      {"pytorch",
       [](const ModelConfig& config, const std::filesystem::path& file) -> std::unique_ptr<Engine> {
         const std::string content = read_file(file);
         if (content == "simple") return std::make_unique<SumAndDifference>();
         if (content == "identity") return std::make_unique<Identity>();
         throw Error(ErrorCode::kCorrupt, "model '" + config.name + "' has a broken file");
       }}};
}

// Writes NAME/config.pbtxt and NAME/VERSION/model.pt below `root`.
inline void write_model(const std::filesystem::path& root, const std::string& name,
                        const std::string& config, const std::string& file, int version = 1) {
  const auto folder = root / name / std::to_string(version);
  std::filesystem::create_directories(folder);
  write_file_atomically(folder / "model.pt", file);
  write_file_atomically(root / name / "config.pbtxt", config);
}

}  // namespace scrim
