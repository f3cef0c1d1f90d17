// What the tensor library throws, as one of our errors: one sentence and no stack trace.
#pragma once

#include "base/check.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>
#include <string_view>

namespace scrim {

// The line of a message of the tensor library that says what is wrong: after a TorchScript
// traceback the one of the exception, else the first.
inline std::string reason_line(std::string_view message) {
  constexpr std::string_view kMark = "RuntimeError: ";
  const std::size_t mark = message.rfind(kMark);
  if (mark != std::string_view::npos) message.remove_prefix(mark + kMark.size());
  message = message.substr(0, message.find('\n'));
  while (!message.empty() && (message.back() == '.' || message.back() == ' ')) {
    message.remove_suffix(1);
  }
  return std::string(message);
}

// Runs `call` and returns its result. A failure of the tensor library becomes an Error with `code`
// (kUnavailable when memory ran out) whose sentence starts with `what`; ours pass unchanged.
template <typename Call>
auto with_our_errors(ErrorCode code, const std::string& what, Call&& call) {
  std::string reason;
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::kUnavailable, what, ": not enough memory");
  } catch (const c10::Error& error) {
    reason = reason_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    reason = reason_line(error.what());
  }
  const bool memory = reason.find("allocate memory") != std::string::npos;
  fail(memory ? ErrorCode::kUnavailable : code, what, ": ", reason);
}

}  // namespace scrim
