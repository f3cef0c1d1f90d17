#include "protocol/message_document.h"

#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <utility>

namespace scrim {
namespace {

using rapidjson::SizeType;

// Tells a document what the reader finds, and takes arrays of numbers from under the reader.
class MessageHandler {
 public:
  MessageHandler(RequestJson& document, rapidjson::MemoryStream& text,
                 std::map<const char*, NumberArray>& numbers)
      : document_(document), text_(text), numbers_(numbers) {}

  bool Null() { return document_.Null(); }
  bool Bool(bool value) { return document_.Bool(value); }
  bool Int(int value) { return document_.Int(value); }
  bool Uint(unsigned value) { return document_.Uint(value); }
  bool Int64(std::int64_t value) { return document_.Int64(value); }
  bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
  bool Double(double value) { return document_.Double(value); }
  bool RawNumber(const char* text, SizeType length, bool copy) {
    return document_.RawNumber(text, length, copy);
  }
  bool String(const char* text, SizeType length, bool copy) {
    return document_.String(text, length, copy);
  }

  bool StartObject() {
    ++depth_;
    return document_.StartObject();
  }

  bool Key(const char* text, SizeType length, bool copy) {
    const std::string_view key(text, length);
    if (depth_ == kOfMessage) of_tensors_ = key == "inputs" || key == "outputs";
    is_data_ = depth_ == kOfTensor && key == "data";
    return document_.Key(text, length, copy);
  }

  bool EndObject(SizeType members) {
    --depth_;
    is_data_ = false;
    return document_.EndObject(members);
  }

  // The reader stands at the bracket: it takes one character and goes on.
  bool StartArray() {
    const bool apart = of_tensors_ && is_data_ && depth_ == kOfTensor;
    ++depth_;
    if (!document_.StartArray()) return false;
    const char* begin = text_.src_ + 1;
    auto numbers =
        apart ? read_numbers({begin, static_cast<std::size_t>(text_.end_ - begin)}) : std::nullopt;
    if (!numbers) return true;
    text_.src_ += numbers->length;
    stands_for_numbers_ = true;
    numbers_.emplace(begin, *std::move(numbers));
    return document_.String(begin, 0, false);
  }

  bool EndArray(SizeType elements) {
    --depth_;
    return document_.EndArray(std::exchange(stands_for_numbers_, false) ? 1 : elements);
  }

 private:
  static constexpr int kOfMessage = 1;  // {
  static constexpr int kOfTensor = 3;   // { "inputs": [ {

  RequestJson& document_;
  rapidjson::MemoryStream& text_;
  std::map<const char*, NumberArray>& numbers_;
  int depth_ = 0;
  bool of_tensors_ = false;          // below "inputs" or "outputs"
  bool is_data_ = false;             // the last key was a tensor's "data"
  bool stands_for_numbers_ = false;  // until the array ends
};

}  // namespace

MessageDocument::MessageDocument(std::string_view text) {
  rapidjson::MemoryStream bytes(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(bytes);
  rapidjson::Reader reader;
  rapidjson::ParseResult result;
  const auto read = [&](RequestJson& document) {
    MessageHandler handler(document, bytes, numbers_);
    result = reader.Parse<kRequestRules>(stream, handler);
    return !result.IsError();
  };
  document_.Populate(read);
  if (result.IsError()) refuse_request_json(result);
}

const NumberArray* MessageDocument::numbers(const RequestValue& data) const {
  if (!data.IsArray() || data.Size() != 1 || !data[0].IsString()) return nullptr;
  const auto found = numbers_.find(data[0].GetString());
  return found == numbers_.end() ? nullptr : &found->second;
}

}  // namespace scrim
