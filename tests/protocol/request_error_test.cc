#include "protocol/request_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(RequestError, HasTheStatusOfEachTransport) {
  EXPECT_EQ(http_status(RequestFault::kInvalid), 400);
  EXPECT_EQ(grpc_code(RequestFault::kInvalid), 3);  // INVALID_ARGUMENT
  EXPECT_EQ(http_status(RequestFault::kNotFound), 404);
  EXPECT_EQ(grpc_code(RequestFault::kNotFound), 5);
  EXPECT_EQ(http_status(RequestFault::kRestricted), 403);
  EXPECT_EQ(grpc_code(RequestFault::kRestricted), 14);  // UNAVAILABLE
  EXPECT_EQ(http_status(RequestFault::kUnprocessable), 422);
  EXPECT_EQ(grpc_code(RequestFault::kUnprocessable), 9);  // FAILED_PRECONDITION
  EXPECT_EQ(http_status(RequestFault::kInternal), 500);
  EXPECT_EQ(grpc_code(RequestFault::kInternal), 13);
  EXPECT_EQ(http_status(RequestFault::kUnsupported), 501);
  EXPECT_EQ(grpc_code(RequestFault::kUnsupported), 12);
  EXPECT_EQ(http_status(RequestFault::kUnavailable), 503);
  EXPECT_EQ(grpc_code(RequestFault::kUnavailable), 14);
}

TEST(RequestError, KeepsItsSentence) {
  const RequestError error(RequestFault::kNotFound, "no model 'x'");
  EXPECT_STREQ(error.what(), "no model 'x'");
  EXPECT_EQ(error.fault(), RequestFault::kNotFound);
}

}  // namespace
}  // namespace scrim
