// The obfuscation contract: what a model of a release takes, and what it refuses before it runs.
#pragma once

#include "protocol/provenance.h"
#include "protocol/request_error.h"
#include "repository/release_contract.h"
#include "server/replay_guard.h"
#include "server/request_check.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace scrim {

using TagKey = std::array<std::uint8_t, 32>;

struct ContractPolicy {
  // A request names its release and alpha. If it need not and does not, the noise of the contract's
  // smallest is looked for.
  bool require_provenance = true;
  // Who may ask, by name. With any, a request names its client and carries that client's tag.
  std::map<std::string, TagKey> clients = {};
};

// Why a request was refused, as it is counted.
enum class ContractFault {
  kMissing,
  kOtherRelease,
  kUnknownAlpha,
  kOtherWire,
  kBadTag,
  kReplayed,
  kNotFinite,
  kNoNoise
};
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

// What an admitted request gives away, and who sent it.
struct ContractUse {
  std::string client;  // whose tag it carries; empty without tags
  // An upper bound on the information in its activations: log2(1/alpha)/2 of each element of the
  // network's channels (docs/decisions/0005).
  double bits = 0;
  std::string fresh_nonce;
};

// One for all models of a server. Threads may share one.
class ContractGate {
 public:
  explicit ContractGate(ContractPolicy policy = {});

  // Throws ContractError unless the request, whose shapes have been checked, keeps to the contract.
  // Its fresh nonce, if it has one, is taken.
  ContractUse admit(const ReleaseContract& contract, const std::string& model,
                    const Parameters& parameters, const CheckedRequest& request);

  // For an admitted request that was not run: its nonce may come again.
  void give_back(const ContractUse& use);

 private:
  const ContractPolicy policy_;
  ReplayGuard replays_;
};

}  // namespace scrim
