// A service whose answers a test sets.
#pragma once

#include "server/service.h"

#include <functional>
#include <string>

namespace scrim {

class FakeService : public Service {
 public:
  bool live() const override { return true; }
  bool ready() const override { return is_ready; }
  ServerMetadata metadata() const override { return {"scrim", "0", {}}; }
  bool model_ready(const std::string& model, const std::string&) const override {
    check(model);
    return is_ready;
  }
  ModelMetadata model_metadata(const std::string& model, const std::string&) const override {
    check(model);
    return {model, {"1"}, "pytorch_libtorch", {}, {}};
  }
  std::shared_ptr<const ModelConfig> model_config(const std::string& model,
                                                  const std::string&) const override {
    check(model);
    return config;
  }
  std::vector<ModelStatistics> statistics(const std::string& model,
                                          const std::string&) const override {
    if (!model.empty()) check(model);
    return numbers;
  }
  std::vector<IndexEntry> index(bool ready_only) const override {
    return {{config->name, "1", ready_only ? "READY" : "", ""}};
  }
  void load(const std::string& model, const std::optional<std::string>& text) override {
    loaded = model + " " + text.value_or("(file)");
  }
  void unload(const std::string& model) override { unloaded = model; }
  void infer(InferCall call, InferDone done) override {
    on_infer(std::move(call), std::move(done));
  }
  bool drain(std::chrono::milliseconds) override { return true; }

  void check(const std::string& model) const {
    if (model != config->name) {
      throw RequestError(RequestFault::kNotFound,
                         "Request for unknown model: '" + model + "' is not found");
    }
  }

  std::shared_ptr<const ModelConfig> config;
  std::vector<ModelStatistics> numbers;
  bool is_ready = true;
  std::string loaded, unloaded;
  std::function<void(InferCall, InferDone)> on_infer = [](InferCall, const InferDone& done) {
    done(InferResponse{"m", "1", "", {}, {}});
  };
};

}  // namespace scrim
