// What an engine's library throws: for the operator. Clients hear that the model failed.
#pragma once

#include <scrim/status.h>

#include <functional>
#include <string>

namespace scrim {

class EngineFailures {
 public:
  EngineFailures(const std::string& model, std::function<void(const std::string&)> log)
      : of_model_("model '" + model + "' "), log_(std::move(log)) {}

  // The result of `call`. What it throws is logged, and kInternal thrown in its place with
  // `failure` behind the model's name.
  template <typename Call>
  auto explained(const char* failure, const Call& call) const -> decltype(call()) {
    try {
      return call();
    } catch (const std::exception& error) {
      log_(of_model_ + failure + ": " + error.what());
    }
    throw Error(ErrorCode::kInternal, of_model_ + failure);
  }

 private:
  const std::string of_model_;
  const std::function<void(const std::string&)> log_;
};

}  // namespace scrim
