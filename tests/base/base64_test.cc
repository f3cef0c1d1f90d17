#include "base/base64.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Base64, TheStandardsExamplesAreReadAndWritten) {  // RFC 4648, 10
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(from_base64(text, "it"), bytes);
    EXPECT_EQ(to_base64(bytes), text);
  }
  EXPECT_EQ(from_base64("Zm9v\r\n  YmFy\n", "it"), "foobar");
  EXPECT_EQ(from_base64("AP8=", "it"), std::string("\0\xff", 2));
}

TEST(Base64, OtherTextIsRefusedWithoutBeingShown) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v*mFy", "====", "Zm9v-_=="}) {
    expect_error(ErrorCode::kCorrupt, "the key is not base64",
                 [&] { from_base64(text, "the key"); });
  }
}

}  // namespace
}  // namespace scrim
