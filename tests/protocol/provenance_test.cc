#include "protocol/provenance.h"

#include <gtest/gtest.h>

#include <set>

namespace scrim {
namespace {

const Provenance kWhole = {std::string(64, 'a'), 0.8, "fp32", std::string(32, 'b'), "camera"};

std::vector<TensorMessage> inputs(const std::string& bytes = "12345678") {
  TensorMessage input;
  input.name = "X";
  input.shape = {1, 2};
  input.bytes = TensorBytes::own(bytes);
  return {input};
}

std::string tag(const Provenance& provenance, const std::vector<TensorMessage>& tensors,
                const std::string& model = "m", std::uint8_t key = 1) {
  return hex(provenance_tag(std::vector<std::uint8_t>(32, key), model, provenance, tensors));
}

TEST(Provenance, ParametersLeaveOutWhatIsEmpty) {
  EXPECT_EQ(provenance_parameters(kWhole).size(), 5U);
  const Parameters few = provenance_parameters({kWhole.release, 0.8, "fp32", "", ""});
  EXPECT_EQ(few, (Parameters{{"scrim_release", kWhole.release},
                             {"scrim_alpha", 0.8},
                             {"scrim_wire", std::string("fp32")}}));
}

TEST(Provenance, AlphaIsANumberOrItsText) {
  EXPECT_EQ(alpha_parameter({{"scrim_alpha", 0.8}}), 0.8);
  EXPECT_EQ(alpha_parameter({{"scrim_alpha", std::string("0.8")}}), 0.8);
  for (const Parameter& other : {Parameter(std::string("0.8x")), Parameter(std::string()),
                                 Parameter(true), Parameter(std::int64_t{1})}) {
    EXPECT_FALSE(alpha_parameter({{"scrim_alpha", other}}));
  }
  EXPECT_FALSE(alpha_parameter({}));
}

// From docs/formats/provenance.md, which other languages are written by: computed with Python's
// hmac module over the bytes drawn there.
TEST(Provenance, TheTagIsTheDocumentedOne) {
  EXPECT_EQ(tag(kWhole, inputs()),
            "930aa77fcc33872676ec78d7e70d0871f205befc706021275caae9b062201270");
}

TEST(Provenance, EveryFieldChangesTheTag) {
  std::set<std::string> tags = {tag(kWhole, inputs())};
  const auto differs = [&](const std::string& other) { EXPECT_TRUE(tags.insert(other).second); };
  differs(tag(kWhole, inputs("12345679")));
  differs(tag(kWhole, inputs(), "n"));
  differs(tag(kWhole, inputs(), "m", 2));
  differs(tag(kWhole, {}));
  for (const auto& change : std::vector<void (*)(Provenance&)>{
           [](Provenance& p) { p.release[0] = 'b'; }, [](Provenance& p) { p.alpha = 0.81; },
           [](Provenance& p) { p.wire = "int8"; }, [](Provenance& p) { p.fresh_nonce = ""; },
           [](Provenance& p) { p.client = "camer"; },
           [](Provenance& p) { std::swap(p.fresh_nonce, p.client); }}) {
    Provenance changed = kWhole;
    change(changed);
    differs(tag(changed, inputs()));
  }
  for (const auto& change : std::vector<void (*)(TensorMessage&)>{
           [](TensorMessage& t) { t.name = "Y"; },
           [](TensorMessage& t) {
             t.shape = {2, 1};
           },
           [](TensorMessage& t) { t.datatype = Datatype::kInt32; }}) {
    auto changed = inputs();
    change(changed[0]);
    differs(tag(kWhole, changed));
  }
}

}  // namespace
}  // namespace scrim
