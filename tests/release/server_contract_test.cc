#include "release/server_contract.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/release_parts.h"

namespace scrim {
namespace {

Json contract_of(const NoiseParameters& noise) {
  Manifest manifest;
  manifest.model = "faceboxes";
  manifest.split_point = "inception3";
  return parse_json(format_contract(manifest, noise), "contract.json");
}

TEST(ServerContract, SaysTheShapeAndTheNoiseOfEachAlpha) {
  const NoiseParameters noise = example_noise();
  const Json contract = contract_of(noise);
  EXPECT_EQ(contract["shape"], Json({-1, 3, -1, -1}));
  EXPECT_EQ(contract["channels"], 4);
  EXPECT_EQ(contract["stride"], 32);
  ASSERT_EQ(contract["alphas"].size(), noise.alphas.size());
  for (std::size_t a = 0; a < noise.alphas.size(); ++a) {
    EXPECT_EQ(contract["alphas"][a]["alpha"], noise.alphas[a]);
    EXPECT_EQ(contract["alphas"][a]["scale"].get<std::vector<float>>(), noise.scale[a]);
    EXPECT_EQ(contract["alphas"][a]["sigma"].get<std::vector<float>>(), noise.sigma[a]);
  }
}

// A server sees everything in its folder; what is needed to go back to a clean activation is not.
TEST(ServerContract, HoldsOnlyTheFieldsThatAServerNeeds) {
  const std::set<std::string> needed = {"format",     "format_version", "model",  "split_point",
                                        "datatype",   "shape",          "stride", "channels",
                                        "directions", "clip",           "alphas"};
  std::set<std::string> present;
  const Json contract = contract_of(example_noise());
  for (const auto& [key, value] : contract.items()) present.insert(key);
  EXPECT_EQ(present, needed);

  NoiseParameters other = example_noise();
  other.mean = {9, 9, 9, 9};
  other.basis.assign(12, 9);
  other.decode.assign(12, 9);
  other.held_out_variance.assign(3, 9);
  EXPECT_EQ(contract_of(other), contract);
}

}  // namespace
}  // namespace scrim
