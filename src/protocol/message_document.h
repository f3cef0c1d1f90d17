// The JSON of an inference or of its answer.
#pragma once

#include "protocol/number_array.h"
#include "protocol/request_json.h"

#include <map>
#include <string_view>

namespace scrim {

// As parse_request_json reads it, with the elements of tensors apart where they are numbers in a
// flat array: most of such a text is that, and a value of its own for each costs the most.
class MessageDocument {
 public:
  // Borrows `text`. Throws as parse_request_json.
  explicit MessageDocument(std::string_view text);

  const RequestValue& root() const { return document_; }
  // The elements of a tensor's "data" of this document, or null where they are in the value.
  const NumberArray* numbers(const RequestValue& data) const;

 private:
  RequestJson document_;
  // By where their text begins. In the document a string that points there stands for them.
  std::map<const char*, NumberArray> numbers_;
};

}  // namespace scrim
