#include "client/model_contract.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/json.h"
#include "protocol/provenance.h"
#include "repository/release_contract.h"

#include <map>

namespace scrim {
namespace {

std::vector<std::string> names_in(const Json& tensors) {
  std::vector<std::string> names;
  for (const Json& tensor : tensors) names.push_back(tensor.at("name").get<std::string>());
  return names;
}

std::map<std::string, std::string> parameters_in(const Json& config) {
  std::map<std::string, std::string> parameters;
  if (!config.contains("parameters")) return parameters;
  for (const auto& [key, value] : config.at("parameters").items()) {
    parameters[key] = value.at("string_value").get<std::string>();
  }
  return parameters;
}

ModelContract contract_in(const Json& config, const std::string& model) {
  ModelContract result;
  result.inputs = names_in(config.at("input"));
  result.outputs = names_in(config.at("output"));
  const auto parameters = parameters_in(config);
  const auto contract = read_contract(parameters, model);
  if (!contract) return result;
  result.release = contract->release;
  result.digest = hex(sha256(parameters.at(kContractParameter)));
  result.wire = contract->wire;
  if (contract->wire == WireType::kFp32) return result;
  result.alpha = contract->levels.front().alpha;
  result.tensors = contract->wire_tensors();
  return result;
}

}  // namespace

ModelContract parse_model_contract(std::string_view config, const std::string& model) {
  try {
    return contract_in(parse_json(config, "the server's config"), model);
  } catch (const Json::exception&) {
    fail(ErrorCode::kCorrupt, "the server's config of model '", model, "' is none");
  } catch (const Error& error) {
    fail(ErrorCode::kCorrupt, "the server's config of model '", model, "': ", error.what());
  }
}

void check_model_contract(const ModelContract& contract, const std::string& model,
                          const NoisyActivation& noisy_activation) {
  const auto refuse = [&](const std::string& why) {
    fail(ErrorCode::kRefused, "nothing was sent: model '", model, "' ", why);
  };
  if (contract.digest.empty()) refuse("declares no obfuscation contract");
  if (contract.release != noisy_activation.release_id()) {
    refuse(sentence("is of release ", contract.release.substr(0, 12), ", the noisy activation of ",
                    noisy_activation.release_id().substr(0, 12)));
  }
  if (contract.digest != noisy_activation.contract_digest()) {
    refuse("declares another contract than its release has");
  }
  if (contract.wire == WireType::kFp32) return;
  if (contract.wire != noisy_activation.wire_type() || contract.alpha != noisy_activation.alpha()) {
    refuse(sentence("takes ", wire_name(contract.wire), " of alpha ", contract.alpha,
                    ", the noisy activation is ", wire_name(noisy_activation.wire_type()),
                    " of alpha ", noisy_activation.alpha()));
  }
}

}  // namespace scrim
