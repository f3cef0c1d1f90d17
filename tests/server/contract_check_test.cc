#include "server/contract_check.h"

#include "protocol/expect_request_error.h"
#include "server/noisy_tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace scrim {
namespace {

const ReleaseContract kContract = {std::string(64, 'a'),
                                   8,
                                   4,
                                   {{0.5, {1, 1, 1, 1}, {0.5F, 0.6F, 0.7F, 0.8F}},
                                    {0.95, {1, 1, 1, 1}, {1.0F, 1.1F, 1.2F, 1.3F}}}};

constexpr bool kRequired = true;
constexpr bool kOptional = false;

ContractUse admit(const Parameters& parameters, const CheckedRequest& request,
                  bool require_provenance = kRequired) {
  return ContractGate({.require_provenance = require_provenance})
      .admit(kContract, "m", parameters, request);
}

Parameters good_parameters() {
  return {{"scrim_release", std::string(64, 'a')}, {"scrim_alpha", 0.95}};
}

CheckedRequest request_with(const std::vector<float>& sigma) {
  CheckedRequest request;
  request.inputs.push_back(noisy_tensor({1, 4, 16, 16}, 0.5, sigma, 7));
  return request;
}

void expect_contract_fault(ContractFault fault, const std::string& sentence,
                           const Parameters& parameters, const CheckedRequest& request,
                           bool require_provenance = kRequired) {
  expect_request_error(RequestFault::kUnprocessable, sentence, [&] {
    try {
      admit(parameters, request, require_provenance);
    } catch (const ContractError& error) {
      EXPECT_EQ(name(error.contract_fault()), name(fault));
      throw;
    }
  });
}

TEST(ContractCheck, WhatTheContractSaysPasses) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  const ContractUse use = admit(good_parameters(), request);
  // 8 channels of 16 x 16 cells, log2(1/.95)/2 bits each.
  EXPECT_NEAR(use.bits, 8 * 256 * 0.037, 0.1);
  EXPECT_EQ(use.client, "");
  Parameters as_text = good_parameters();
  as_text["scrim_alpha"] = std::string("0.95");
  admit(as_text, request);
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
    admit(parameters, request, kOptional);
  }
}

TEST(ContractCheck, AnotherReleaseOrAlphaIsRefusedWithoutItsValue) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  Parameters parameters = good_parameters();
  parameters["scrim_release"] = std::string("secret");
  expect_contract_fault(ContractFault::kOtherRelease, "does not name the release", parameters,
                        request, kOptional);
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
                        request_with({0, 0, 0, 0}), kOptional);
}

TEST(ContractCheck, WhatIsNoActivationOfTheReleaseIsRefused) {
  CheckedRequest request;
  request.inputs.push_back(noisy_tensor({1, 3, 16, 16}, 1, {1, 1, 1}, 7));
  expect_contract_fault(ContractFault::kNoNoise, "are no activation of fp32 with 4 directions",
                        good_parameters(), request);
  for (const float value :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    request.inputs = {tensor("X", Datatype::kFp32, {1, 4, 1, 1}, std::vector<float>(4, value))};
    expect_contract_fault(ContractFault::kNotFinite, "holds a value that is not finite",
                          good_parameters(), request);
  }
}

// On the wire of whole steps: the same values as codes of sigma / 2.
CheckedRequest coded_request(const std::vector<float>& sigma,
                             const std::vector<float>& step_sigma) {
  const TensorMessage floats = noisy_tensor({2, 4, 16, 16}, 0.5, sigma, 7);
  std::vector<std::int8_t> codes;
  const std::string_view bytes = floats.bytes.view();
  for (std::size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof(float), sizeof(float));
    codes.push_back(static_cast<std::int8_t>(std::lround(value / (step_sigma[i / 256 % 4] / 2))));
  }
  CheckedRequest request;
  request.inputs.push_back(tensor("INPUT__0", Datatype::kInt8, {2, 4, 16, 16}, codes));
  return request;
}

TEST(ContractCheck, CodesOfAWireAreReadBeforeTheyAreJudged) {
  ReleaseContract contract = kContract;
  contract.wire = WireType::kInt8;
  contract.levels = {kContract.levels[1]};
  const std::vector<float>& sigma = contract.levels[0].sigma;
  Parameters parameters = good_parameters();
  parameters["scrim_wire"] = std::string("int8");
  ContractGate gate;
  EXPECT_GT(gate.admit(contract, "m", parameters, coded_request(sigma, sigma)).bits, 0);
  const auto refused = [&](const char* sentence, const CheckedRequest& request) {
    expect_request_error(RequestFault::kUnprocessable, sentence,
                         [&] { gate.admit(contract, "m", parameters, request); });
  };
  refused("does not show the noise", coded_request({0, 0, 0, 0}, sigma));
  CheckedRequest request = coded_request(sigma, sigma);
  request.inputs[0].shape = {2, 2, 16, 32};
  refused("are no activation of int8 with 4 directions", request);
  request = coded_request(sigma, sigma);
  std::string bytes(request.inputs[0].bytes.view());
  bytes[5] = '\x80';  // -128: a code that no encoder writes
  request.inputs[0].bytes = TensorBytes::own(bytes);
  refused("are no activation of int8", request);
  refused("are no activation of int8", request_with(sigma));
  parameters["scrim_wire"] = std::string("fp32");
  refused("does not name the wire", coded_request(sigma, sigma));
}

TEST(ContractCheck, OnlyTaggedRequestsOfKnownClientsPass) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  TagKey key{}, other{};
  key.fill(7);
  ContractGate gate({.clients = {{"camera", key}, {"door", other}}});
  const Provenance provenance{std::string(64, 'a'), 0.95, "fp32", "", "camera"};
  Parameters tagged = provenance_parameters(provenance);
  tagged["scrim_tag"] = hex(provenance_tag(key, "m", provenance, request.inputs));
  EXPECT_EQ(gate.admit(kContract, "m", tagged, request).client, "camera");

  const auto refused = [&](const char* sentence, const std::string& model,
                           const Parameters& parameters, const CheckedRequest& given) {
    expect_request_error(RequestFault::kUnprocessable, sentence,
                         [&] { gate.admit(kContract, model, parameters, given); });
  };
  for (const char* missing : {"scrim_client", "scrim_tag"}) {
    Parameters parameters = tagged;
    parameters.erase(missing);
    refused(missing, "m", parameters, request);
  }
  for (const char* client : {"door", "nobody", ""}) {
    Parameters parameters = tagged;
    parameters["scrim_client"] = std::string(client);
    refused("is not the tag of this request", "m", parameters, request);
  }
  refused("is not the tag of this request by a client that model 'other'", "other", tagged,
          request);
  CheckedRequest changed = request_with(kContract.levels[1].sigma);
  std::string bytes(changed.inputs[0].bytes.view());
  bytes[1] = static_cast<char>(bytes[1] ^ 1);
  changed.inputs[0].bytes = TensorBytes::own(bytes);
  refused("is not the tag of this request", "m", tagged, changed);
}

TEST(ContractCheck, AFreshDrawComesOnceUnlessItWasGivenBack) {
  const CheckedRequest request = request_with(kContract.levels[1].sigma);
  ContractGate gate;
  Parameters parameters = good_parameters();
  parameters["scrim_nonce"] = std::string(32, '5');
  const ContractUse use = gate.admit(kContract, "m", parameters, request);
  const auto again = [&] { gate.admit(kContract, "m", parameters, request); };
  expect_request_error(RequestFault::kUnprocessable, "was seen before", again);
  gate.give_back(use);
  again();
  // A request that is refused for something else has used nothing up.
  parameters["scrim_nonce"] = std::string(32, '6');
  expect_request_error(RequestFault::kUnprocessable, "does not show the noise", [&] {
    gate.admit(kContract, "m", parameters, request_with({0, 0, 0, 0}));
  });
  again();
  parameters["scrim_nonce"] = std::string("5");
  expect_request_error(RequestFault::kUnprocessable, "is not 32 hexadecimal digits", again);
}

TEST(ContractCheck, EveryFaultHasItsName) {
  EXPECT_EQ(name(ContractFault::kOtherWire), "OTHER_WIRE");
  EXPECT_EQ(name(ContractFault::kBadTag), "BAD_TAG");
  EXPECT_EQ(name(ContractFault::kReplayed), "REPLAYED");
  EXPECT_EQ(name(ContractFault::kMissing), "MISSING");
  EXPECT_EQ(name(ContractFault::kOtherRelease), "OTHER_RELEASE");
  EXPECT_EQ(name(ContractFault::kUnknownAlpha), "UNKNOWN_ALPHA");
  EXPECT_EQ(name(ContractFault::kNotFinite), "NOT_FINITE");
  EXPECT_EQ(name(ContractFault::kNoNoise), "NO_NOISE");
}

}  // namespace
}  // namespace scrim
