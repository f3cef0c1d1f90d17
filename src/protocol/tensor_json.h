// The elements of a tensor as JSON, in and out.
#pragma once

#include "protocol/float_text.h"
#include "protocol/json_text.h"
#include "protocol/message.h"
#include "protocol/message_document.h"

#include <rapidjson/writer.h>

#include <optional>

namespace scrim {

using BaseJsonWriter = rapidjson::Writer<JsonText, rapidjson::UTF8<>, rapidjson::UTF8<>,
                                         rapidjson::CrtAllocator, rapidjson::kWriteNanAndInfFlag>;

class JsonWriter : public BaseJsonWriter {
 public:
  using BaseJsonWriter::BaseJsonWriter;

  // A value that the caller writes, character by character, into what this returns.
  JsonText& raw_value() {
    Prefix(rapidjson::kNumberType);
    return *os_;
  }
};

// Arrays may nest this deep.
constexpr int kMaxDataDepth = 100;

// The elements of `data`, a value of `json`, flat or nested, for a tensor of `count` elements
// (nothing: of as many as there are). A number too large for kFp32 becomes infinity. Nothing is
// allocated for the tensor before the elements have been counted. Throws kInternal for another
// count or another kind of element, kInvalid for an integer beyond the type, for arrays of one
// level that differ in length, for too deep ones, and for kFp16 and kBf16, which JSON cannot carry.
TensorBytes tensor_from_json(const MessageDocument& json, const RequestValue& data,
                             const std::string& input, Datatype type,
                             std::optional<std::int64_t> count);

// Writes a flat array. Throws kInvalid for kFp16 and kBf16, kInternal for bytes that are no such
// tensor.
void tensor_to_json(const TensorMessage& tensor, JsonWriter& writer, FloatDigits digits);

}  // namespace scrim
