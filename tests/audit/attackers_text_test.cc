#include "audit/attackers_text.h"

#include <gtest/gtest.h>

#include <set>

namespace scrim {
namespace {

TEST(AttackersText, ExplainsEveryAttackerOfTheAudit) {
  for (const char* name :
       {"linear", "decoder", "averaging", "optimisation", "recogniser", "embedding", "attribute"}) {
    const AttackerText text = attacker_text(name);
    EXPECT_FALSE(text.what.empty()) << name;
    EXPECT_LE(text.short_name.size(), 14U) << name;
  }
}

TEST(AttackersText, CallsAnUnknownOneByItsName) {
  EXPECT_EQ(attacker_text("oracle").title, "oracle");
  EXPECT_EQ(attacker_text("oracle").what, "");
}

TEST(AttackersText, NamesWhatWasSeenEachInItsOwnWay) {
  std::set<std::string> names, texts;
  for (const Seen seen :
       {Seen::kRelease, Seen::kNoNoise, Seen::kNoiseOnly, Seen::kShallow, Seen::kPictures}) {
    names.insert(seen_name(seen));
    texts.insert(seen_text(seen));
  }
  EXPECT_EQ(names.size(), 5U);
  EXPECT_EQ(texts.size(), 5U);
  EXPECT_EQ(seen_name(Seen::kNoiseOnly), "noise_only");
}

}  // namespace
}  // namespace scrim
