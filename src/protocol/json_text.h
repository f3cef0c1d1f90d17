// The stream that RapidJSON writes messages to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace scrim {

// A string that grows, and that becomes a message's body without a copy of it.
class JsonText {
 public:
  using Ch = char;

  explicit JsonText(std::size_t room = 0) { text_.reserve(room); }

  void Put(char c) { text_.push_back(c); }
  void Flush() {}

  void append(std::string_view text) { text_.append(text); }
  const std::string& text() const { return text_; }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace scrim
