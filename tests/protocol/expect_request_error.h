// Whether a request is refused as it must be: with one fault, and a sentence that says why.
#pragma once

#include "protocol/request_error.h"

#include <gtest/gtest.h>

#include <string>

namespace scrim {

// Calls `call`; expects a RequestError of that fault whose sentence holds `part`.
template <typename Call>
void expect_request_error(RequestFault fault, const std::string& part, Call&& call) {
  try {
    call();
    ADD_FAILURE() << "no error; expected one about '" << part << "'";
  } catch (const RequestError& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

}  // namespace scrim
