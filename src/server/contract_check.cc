#include "server/contract_check.h"

#include "server/noise_evidence.h"
#include "server/wire_values.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr double kSameAlpha = 1e-9;
constexpr std::size_t kNonceDigits = 32;

bool are_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// One request against one contract.
class ContractChecker {
 public:
  ContractChecker(const ReleaseContract& contract, const ContractPolicy& policy,
                  const std::string& model, const Parameters& parameters,
                  const CheckedRequest& request)
      : contract_(contract),
        policy_(policy),
        model_(model),
        parameters_(parameters),
        request_(request),
        of_model_("model '" + model + "'") {}

  ContractUse check() {
    check_release();
    const ReleaseContract::Level& level = level_of_request();
    check_wire();
    check_nonce();
    check_tag();
    check_noise(level);
    return {provenance_.client, bits_at(level), provenance_.fresh_nonce};
  }

  [[noreturn]] void refuse(ContractFault fault, const std::string& sentence) const {
    throw ContractError(fault, sentence);
  }

 private:
  [[noreturn]] void missing(const char* key, const char* what = "that says so") const {
    refuse(ContractFault::kMissing, of_model_ +
                                        " takes obfuscated activations only, and the request has "
                                        "no parameter '" +
                                        key + "' " + what);
  }

  [[noreturn]] void wrong(ContractFault fault, const char* key, const std::string& what) const {
    refuse(fault, std::string("parameter '") + key + "' " + what + " " + of_model_ + " serves");
  }

  void check_release() {
    if (!parameters_.contains(kReleaseParameter)) {
      if (policy_.require_provenance) missing(kReleaseParameter);
      return;
    }
    if (text_parameter(parameters_, kReleaseParameter) != contract_.release) {
      wrong(ContractFault::kOtherRelease, kReleaseParameter, "does not name the release that");
    }
    provenance_.release = contract_.release;
  }

  const ReleaseContract::Level& level_of_request() {
    if (!parameters_.contains(kAlphaParameter)) {
      if (policy_.require_provenance) missing(kAlphaParameter);
      return contract_.levels.front();
    }
    const auto value = alpha_parameter(parameters_);
    for (const ReleaseContract::Level& level : contract_.levels) {
      if (!value || !(std::abs(level.alpha - *value) <= kSameAlpha)) continue;
      provenance_.alpha = *value;
      return level;
    }
    wrong(ContractFault::kUnknownAlpha, kAlphaParameter, "is no alpha of the release that");
  }

  void check_wire() {
    if (!parameters_.contains(kWireParameter)) return;
    const auto wire = text_parameter(parameters_, kWireParameter);
    if (wire != wire_name(contract_.wire)) {
      wrong(ContractFault::kOtherWire, kWireParameter, "does not name the wire that");
    }
    provenance_.wire = *wire;
  }

  void check_nonce() {
    if (!parameters_.contains(kNonceParameter)) return;
    provenance_.fresh_nonce = text_parameter(parameters_, kNonceParameter).value_or("");
    if (!are_hex(provenance_.fresh_nonce, kNonceDigits)) {
      refuse(ContractFault::kMissing, std::string("parameter '") + kNonceParameter +
                                          "' of a request to " + of_model_ +
                                          " is not 32 hexadecimal digits");
    }
  }

  // One sentence for every reason, so that nobody learns which names there are.
  void check_tag() {
    if (policy_.clients.empty()) return;
    if (!parameters_.contains(kClientParameter))
      missing(kClientParameter, "that says who sends it");
    if (!parameters_.contains(kTagParameter)) missing(kTagParameter, "that proves it");
    provenance_.client = text_parameter(parameters_, kClientParameter).value_or("");
    const auto client = policy_.clients.find(provenance_.client);
    const bool known = client != policy_.clients.end();
    const TagKey& key = known ? client->second : policy_.clients.begin()->second;
    const std::string own = hex(provenance_tag(key, model_, provenance_, request_.inputs));
    const std::string tag = text_parameter(parameters_, kTagParameter).value_or("");
    const bool same =
        tag.size() == own.size() && CRYPTO_memcmp(tag.data(), own.data(), own.size()) == 0;
    if (known && same) return;
    refuse(ContractFault::kBadTag, "parameter '" + std::string(kTagParameter) +
                                       "' is not the tag of this request by a client that " +
                                       of_model_ + " serves");
  }

  void check_noise(const ReleaseContract::Level& level) const {
    const auto values = wire_values(request_.inputs, contract_);
    if (!values) {
      refuse(ContractFault::kNoNoise, "the inputs of a request to " + of_model_ +
                                          " are no activation of " + shape_in_words());
    }
    if (!values->finite) {
      refuse(ContractFault::kNotFinite,
             "an input of a request to " + of_model_ + " holds a value that is not finite");
    }
    const std::vector<float> sigma = values->sigma(level);
    const auto look = [&](auto* evidence) {
      return evidence(values->bytes(), values->samples, values->rows, values->columns, sigma);
    };
    // The grid is that of the alpha that was named; without one it is not known.
    if ((provenance_.alpha > 0 && !look(lies_on_grid)) || !look(shows_noise)) {
      refuse(ContractFault::kNoNoise, "an input of a request to " + of_model_ +
                                          " does not show the noise that its release adds");
    }
  }

  std::string shape_in_words() const {
    return std::string(wire_name(contract_.wire)) + " with " +
           std::to_string(contract_.directions) + " directions";
  }

  double bits_at(const ReleaseContract::Level& level) const {
    const std::vector<std::int64_t>& shape = request_.inputs.front().shape;
    const double cells = static_cast<double>(shape[0]) * static_cast<double>(shape[2]) *
                         static_cast<double>(shape[3]);
    return cells * static_cast<double>(contract_.channels) * std::log2(1 / level.alpha) / 2;
  }

  const ReleaseContract& contract_;
  const ContractPolicy& policy_;
  const std::string& model_;
  const Parameters& parameters_;
  const CheckedRequest& request_;
  const std::string of_model_;
  Provenance provenance_;
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
    case ContractFault::kOtherWire:
      return "OTHER_WIRE";
    case ContractFault::kBadTag:
      return "BAD_TAG";
    case ContractFault::kReplayed:
      return "REPLAYED";
    case ContractFault::kNotFinite:
      return "NOT_FINITE";
    case ContractFault::kNoNoise:
      break;
  }
  return "NO_NOISE";
}

ContractGate::ContractGate(ContractPolicy policy) : policy_(std::move(policy)) {}

ContractUse ContractGate::admit(const ReleaseContract& contract, const std::string& model,
                                const Parameters& parameters, const CheckedRequest& request) {
  ContractChecker checker(contract, policy_, model, parameters, request);
  ContractUse use = checker.check();
  if (!use.fresh_nonce.empty() && !replays_.take(use.fresh_nonce)) {
    checker.refuse(ContractFault::kReplayed, "parameter '" + std::string(kNonceParameter) +
                                                 "' of a request to model '" + model +
                                                 "' was seen before: a fresh draw comes once");
  }
  return use;
}

void ContractGate::give_back(const ContractUse& use) {
  if (!use.fresh_nonce.empty()) replays_.give_back(use.fresh_nonce);
}

}  // namespace scrim
