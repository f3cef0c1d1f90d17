// An inference and its answer, however they travelled (KServe v2).
#pragma once

#include "protocol/datatype.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace scrim {

using Parameter = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;
using Parameters = std::map<std::string, Parameter, std::less<>>;

// A tensor's elements, little endian, in row-major order: borrowed from a body that outlives it, or
// its own.
class TensorBytes {
 public:
  TensorBytes() = default;
  static TensorBytes borrow(std::string_view bytes) {
    TensorBytes result;
    result.borrowed_ = bytes;
    return result;
  }
  static TensorBytes own(std::string bytes) {
    TensorBytes result;
    result.own_ = std::move(bytes);
    return result;
  }
  std::string_view view() const { return borrowed_.data() ? borrowed_ : std::string_view(own_); }
  // The bytes, copied only where they are borrowed.
  std::string take() && { return borrowed_.data() ? std::string(borrowed_) : std::move(own_); }

 private:
  std::string_view borrowed_;
  std::string own_;
};

struct TensorMessage {
  std::string name;
  Datatype datatype = Datatype::kFp32;
  std::vector<std::int64_t> shape;
  Parameters parameters;
  // An element of kBytes is four bytes of length and the bytes.
  TensorBytes bytes;
  bool binary = false;  // travels behind the JSON part and not in it
};

struct RequestedOutput {
  std::string name;
  std::int64_t classes = 0;  // of the classification extension; 0 for the tensor itself
  bool binary = false;
};

struct InferRequest {
  std::string id;
  Parameters parameters;  // without those that have a field of their own
  std::uint64_t priority = 0;
  std::uint64_t timeout_microseconds = 0;  // in the queue; 0 for none
  std::vector<TensorMessage> inputs;
  std::vector<RequestedOutput> outputs;  // empty: all, binary as binary_outputs says
  bool binary_outputs = false;
};

struct InferResponse {
  std::string model_name, model_version, id;
  Parameters parameters;
  std::vector<TensorMessage> outputs;
};

}  // namespace scrim
