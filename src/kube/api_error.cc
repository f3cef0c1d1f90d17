#include "kube/api_error.h"

#include "base/check.h"
#include "base/json.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr std::size_t kMostShown = 500;

// The message of a Status object, in one line; empty where the body is something else.
std::string message_of(const std::string& body) {
  std::string message;
  try {
    const SortedJson status = parse_sorted_json(body, "a status");
    if (status.is_object() && status.value("kind", "") == "Status") {
      message = status.value("message", "");
    }
  } catch (const std::exception&) {  // of a proxy, say: not for a person
    return "";
  }
  std::ranges::replace_if(
      message, [](unsigned char c) { return c < ' '; }, ' ');
  return message.size() > kMostShown ? message.substr(0, kMostShown) + "..." : message;
}

}  // namespace

void fail_as_status(const ApiReply& reply, const std::string& what) {
  const std::string message = message_of(reply.body);
  const std::string because = message.empty() ? "" : ": " + message;
  switch (reply.status) {
    case 400:
    case 422:
      fail(ErrorCode::kInvalidArgument, "the cluster takes no such ", what, because);
    case 401:
      fail(ErrorCode::kRefused, "the cluster does not know who asks for ", what,
           ": the token or the certificate is missing, wrong or expired");
    case 403:
      fail(ErrorCode::kRefused, "no permission for ", what, because);
    case 404:
      fail(ErrorCode::kNotFound, "there is no ", what, because);
    case 409:
      fail(ErrorCode::kUnavailable, what, " was changed by somebody else meanwhile", because);
    case 413:
      fail(ErrorCode::kRefused, what, " is too large for the cluster", because);
    default:
      break;
  }
  const bool fault = reply.status == 429 || reply.status >= 500;
  fail(fault ? ErrorCode::kUnavailable : ErrorCode::kUnsupported, "the cluster answers ",
       reply.status, " for ", what, because);
}

}  // namespace scrim
