#include "server/contract_check.h"

#include "server/noise_evidence.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace scrim {
namespace {

constexpr double kSameAlpha = 1e-9;

class ContractChecker {
 public:
  ContractChecker(const ReleaseContract& contract, Provenance provenance, const std::string& model)
      : contract_(contract), provenance_(provenance), of_model_("model '" + model + "'") {}

  void check(const Parameters& parameters, const CheckedRequest& request) const {
    check_release(parameters);
    const ReleaseContract::Level& level = level_of(parameters);
    for (const TensorMessage& input : request.inputs) check_input(input, level);
  }

 private:
  [[noreturn]] void missing(const char* key) const {
    throw ContractError(ContractFault::kMissing, of_model_ +
                                                     " takes obfuscated activations only, and the "
                                                     "request has no parameter '" +
                                                     key + "' that says so");
  }

  void check_release(const Parameters& parameters) const {
    const auto release = parameters.find(kReleaseParameter);
    if (release == parameters.end()) {
      if (provenance_ == Provenance::kRequired) missing(kReleaseParameter);
      return;
    }
    const auto* text = std::get_if<std::string>(&release->second);
    if (text != nullptr && *text == contract_.release) return;
    throw ContractError(ContractFault::kOtherRelease,
                        std::string("parameter '") + kReleaseParameter +
                            "' does not name the release that " + of_model_ + " serves");
  }

  const ReleaseContract::Level& level_of(const Parameters& parameters) const {
    const auto alpha = parameters.find(kAlphaParameter);
    if (alpha == parameters.end()) {
      if (provenance_ == Provenance::kRequired) missing(kAlphaParameter);
      return contract_.levels.front();
    }
    const double value = number_of(alpha->second);
    for (const ReleaseContract::Level& level : contract_.levels) {
      if (std::abs(level.alpha - value) <= kSameAlpha) return level;
    }
    throw ContractError(ContractFault::kUnknownAlpha, std::string("parameter '") + kAlphaParameter +
                                                          "' is no alpha of the release that " +
                                                          of_model_ + " serves");
  }

  static double number_of(const Parameter& parameter) {
    if (const auto* number = std::get_if<double>(&parameter)) return *number;
    double value = std::numeric_limits<double>::quiet_NaN();
    if (const auto* text = std::get_if<std::string>(&parameter)) {
      const char* end = text->data() + text->size();
      const auto [stop, error] = std::from_chars(text->data(), end, value);
      if (error != std::errc() || stop != end) return std::numeric_limits<double>::quiet_NaN();
    }
    return value;
  }

  void check_input(const TensorMessage& input, const ReleaseContract::Level& level) const {
    const std::string of_input = "input '" + input.name + "' of " + of_model_;
    const auto& shape = input.shape;
    if (input.datatype != Datatype::kFp32 || shape.size() != 4 ||
        shape[1] != contract_.directions) {
      throw ContractError(ContractFault::kNoNoise, of_input + " is no FP32 activation of N x " +
                                                       std::to_string(contract_.directions) +
                                                       " x H x W");
    }
    if (!all_finite(input.bytes.view())) {
      throw ContractError(ContractFault::kNotFinite,
                          of_input + " holds a value that is not finite");
    }
    if (!shows_noise(input.bytes.view(), shape[0], shape[2], shape[3], level.sigma)) {
      throw ContractError(ContractFault::kNoNoise,
                          of_input + " does not show the noise that its release adds");
    }
  }

  static bool all_finite(std::string_view bytes) {
    bool finite = true;
    for (std::size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, bytes.data() + at, sizeof(value));
      finite &= std::abs(value) <= std::numeric_limits<float>::max();
    }
    return finite;
  }

  const ReleaseContract& contract_;
  Provenance provenance_;
  std::string of_model_;
};

}  // namespace

std::string name(ContractFault fault) {
  switch (fault) {
    case ContractFault::kMissing:
      return "MISSING";
    case ContractFault::kOtherRelease:
      return "OTHER_RELEASE";
    case ContractFault::kUnknownAlpha:
      return "UNKNOWN_ALPHA";
    case ContractFault::kNotFinite:
      return "NOT_FINITE";
    case ContractFault::kNoNoise:
      break;
  }
  return "NO_NOISE";
}

void check_contract(const ReleaseContract& contract, Provenance provenance,
                    const std::string& model, const Parameters& parameters,
                    const CheckedRequest& request) {
  ContractChecker(contract, provenance, model).check(parameters, request);
}

}  // namespace scrim
