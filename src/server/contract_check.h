// The obfuscation contract: what a model of a release takes, and what it refuses before it runs.
#pragma once

#include "protocol/request_error.h"
#include "repository/release_contract.h"
#include "server/request_check.h"

#include <string>

namespace scrim {

// Parameters of a request that say where its noise is from.
inline constexpr const char* kAlphaParameter = "scrim_alpha";  // a number, or its text

enum class Provenance {
  kRequired,  // a request names its release and alpha
  kOptional,  // if it names none, the noise of the contract's smallest is looked for
};

// Why a request was refused, as it is counted.
enum class ContractFault { kMissing, kOtherRelease, kUnknownAlpha, kNotFinite, kNoNoise };
std::string name(ContractFault fault);

// 422: one sentence that names the model and what is missing, and holds nothing of the request.
class ContractError : public RequestError {
 public:
  ContractError(ContractFault fault, const std::string& message)
      : RequestError(RequestFault::kUnprocessable, message), contract_fault_(fault) {}
  ContractFault contract_fault() const { return contract_fault_; }

 private:
  ContractFault contract_fault_;
};

// Throws ContractError unless the request, whose shapes have been checked, keeps to the contract.
void check_contract(const ReleaseContract& contract, Provenance provenance,
                    const std::string& model, const Parameters& parameters,
                    const CheckedRequest& request);

}  // namespace scrim
