#include "kube/api_error.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

ApiReply refusal(long status, const std::string& message) {
  return {.status = status, .body = R"({"kind":"Status","message":")" + message + "\"}"};
}

TEST(ApiError, EachStatusHasItsCode) {
  const std::pair<long, ErrorCode> cases[] = {
      {400, ErrorCode::kInvalidArgument}, {401, ErrorCode::kRefused},
      {403, ErrorCode::kRefused},         {404, ErrorCode::kNotFound},
      {405, ErrorCode::kUnsupported},     {409, ErrorCode::kUnavailable},
      {413, ErrorCode::kRefused},         {422, ErrorCode::kInvalidArgument},
      {429, ErrorCode::kUnavailable},     {500, ErrorCode::kUnavailable},
      {503, ErrorCode::kUnavailable}};
  for (const auto& [status, code] : cases) {
    expect_error(code, "Pod 'x'", [&, status = status] {
      fail_as_status({status, ""}, "Pod 'x'");
    });
  }
}

TEST(ApiError, OfAStatusObjectTheMessageIsShownInOneLine) {
  expect_error(ErrorCode::kRefused, "no permission for Pod 'x': user a may not",
               [] { fail_as_status(refusal(403, "user a\\nmay not"), "Pod 'x'"); });
  expect_error(ErrorCode::kInvalidArgument, std::string(500, 'm') + "...",
               [] { fail_as_status(refusal(422, std::string(9000, 'm')), "Pod 'x'"); });
}

TEST(ApiError, OtherBodiesAreNotShown) {
  for (const char* body : {"<html>secret</html>", "", "[]", R"({"message":"secret"})"}) {
    try {
      fail_as_status({503, body}, "Pod 'x'");
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), "the cluster answers 503 for Pod 'x'");
    }
  }
}

}  // namespace
}  // namespace scrim
