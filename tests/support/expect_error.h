// Whether a call fails as it must: with one Error of the code named, and a sentence that says why.
#pragma once

#include <gtest/gtest.h>

#include <scrim/status.h>

#include <string>

namespace scrim {

// Calls `call`; expects an Error with that code whose sentence holds `part`.
template <typename Call>
void expect_error(ErrorCode code, const std::string& part, Call&& call) {
  try {
    call();
    ADD_FAILURE() << "no error; expected " << name(code) << " about '" << part << "'";
  } catch (const Error& error) {
    EXPECT_EQ(name(error.code()), name(code)) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

}  // namespace scrim
