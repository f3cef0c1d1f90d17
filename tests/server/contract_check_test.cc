#include "server/contract_check.h"

#include "protocol/expect_request_error.h"
#include "server/noisy_tensor.h"

#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

const ReleaseContract kContract = {
    std::string(64, 'a'), 4, {{0.5, {0.5, 0.6, 0.7, 0.8}}, {0.95, {1.0, 1.1, 1.2, 1.3}}}};

Parameters good_parameters() {
  return {{"scrim_release", std::string(64, 'a')}, {"scrim_alpha", 0.95}};
}

CheckedRequest request_with(const std::vector<double>& sigma) {
  CheckedRequest request;
  request.inputs.push_back(noisy_tensor({1, 4, 16, 16}, 0.5, sigma, 7));
  return request;
}

void expect_contract_fault(ContractFault fault, const std::string& sentence,
                           const Parameters& parameters, const CheckedRequest& request,
                           Provenance provenance = Provenance::kRequired) {
  expect_request_error(RequestFault::kUnprocessable, sentence, [&] {
    try {
      check_contract(kContract, provenance, "m", parameters, request);
    } catch (const ContractError& error) {
      EXPECT_EQ(name(error.contract_fault()), name(fault));
      throw;
    }
  });
}

TEST(ContractCheck, WhatTheContractSaysPasses) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  check_contract(kContract, Provenance::kRequired, "m", good_parameters(), request);
  Parameters as_text = good_parameters();
  as_text["scrim_alpha"] = std::string("0.95");
  check_contract(kContract, Provenance::kRequired, "m", as_text, request);
}

TEST(ContractCheck, WhatIsMissingIsNamed) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  for (const char* key : {"scrim_release", "scrim_alpha"}) {
    Parameters parameters = good_parameters();
    parameters.erase(key);
    expect_contract_fault(ContractFault::kMissing,
                          std::string("model 'm' takes obfuscated activations only, and the "
                                      "request has no parameter '") +
                              key + "'",
                          parameters, request);
    check_contract(kContract, Provenance::kOptional, "m", parameters, request);
  }
}

TEST(ContractCheck, AnotherReleaseOrAlphaIsRefusedWithoutItsValue) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  Parameters parameters = good_parameters();
  parameters["scrim_release"] = std::string("secret");
  expect_contract_fault(ContractFault::kOtherRelease, "does not name the release", parameters,
                        request, Provenance::kOptional);
  for (const Parameter& alpha :
       {Parameter(0.9), Parameter(std::string("0.95x")), Parameter(true),
        Parameter(std::numeric_limits<double>::quiet_NaN()), Parameter(std::int64_t{1})}) {
    parameters = good_parameters();
    parameters["scrim_alpha"] = alpha;
    expect_contract_fault(ContractFault::kUnknownAlpha, "is no alpha of the release", parameters,
                          request);
  }
}

TEST(ContractCheck, CleanAndTooLittleNoiseAreRefused) {
  expect_contract_fault(ContractFault::kNoNoise, "does not show the noise that its release adds",
                        good_parameters(), request_with({0, 0, 0, 0}));
  expect_contract_fault(ContractFault::kNoNoise, "does not show the noise", good_parameters(),
                        request_with(kContract.levels[0].sigma));
  expect_contract_fault(ContractFault::kNoNoise, "does not show the noise", {},
                        request_with({0, 0, 0, 0}), Provenance::kOptional);
}

TEST(ContractCheck, WhatIsNoActivationOfTheReleaseIsRefused) {
  CheckedRequest request;
  request.inputs.push_back(noisy_tensor({1, 3, 16, 16}, 1, {1, 1, 1}, 7));
  expect_contract_fault(ContractFault::kNoNoise, "is no FP32 activation of N x 4 x H x W",
                        good_parameters(), request);
  for (const float value :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    request.inputs = {tensor("X", Datatype::kFp32, {1, 4, 1, 1}, std::vector<float>(4, value))};
    expect_contract_fault(ContractFault::kNotFinite, "holds a value that is not finite",
                          good_parameters(), request);
  }
}

TEST(ContractCheck, EveryFaultHasItsName) {
  EXPECT_EQ(name(ContractFault::kMissing), "MISSING");
  EXPECT_EQ(name(ContractFault::kOtherRelease), "OTHER_RELEASE");
  EXPECT_EQ(name(ContractFault::kUnknownAlpha), "UNKNOWN_ALPHA");
  EXPECT_EQ(name(ContractFault::kNotFinite), "NOT_FINITE");
  EXPECT_EQ(name(ContractFault::kNoNoise), "NO_NOISE");
}

}  // namespace
}  // namespace scrim
