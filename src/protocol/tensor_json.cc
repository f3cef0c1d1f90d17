#include "protocol/tensor_json.h"

#include "protocol/request_error.h"
#include "protocol/request_json.h"
#include "protocol/string_tensor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace scrim {
namespace {

using rapidjson::Value;

constexpr const char* kParse = "Unable to parse 'data'";

// Counts the elements and refuses arrays that are no rectangle.
class Counter {
 public:
  explicit Counter(const std::string& input) : input_(input) {}

  std::int64_t count(const Value& array, int depth = 0) {
    if (depth >= kMaxDataDepth) {
      invalid_request("JSON nesting depth exceeds maximum allowed limit (" +
                      std::to_string(kMaxDataDepth) + ")");
    }
    const std::int64_t length = array.Size();
    if (lengths_.size() <= static_cast<std::size_t>(depth)) lengths_.push_back(length);
    if (lengths_[static_cast<std::size_t>(depth)] != length) ragged();
    const bool nested = length > 0 && array[0].IsArray();
    if (nested_.size() <= static_cast<std::size_t>(depth)) nested_.push_back(nested);
    if (nested_[static_cast<std::size_t>(depth)] != nested) ragged();
    std::int64_t sum = nested ? 0 : length;
    for (const Value& one : array.GetArray()) {
      if (one.IsArray() != nested) ragged();
      if (nested) sum += count(one, depth + 1);
    }
    return sum;
  }

 private:
  [[noreturn]] void ragged() const {
    invalid_request("'data' of input '" + input_ +
                    "' is ragged: its arrays of one level differ in length");
  }

  const std::string& input_;
  std::vector<std::int64_t> lengths_;
  std::vector<bool> nested_;
};

template <typename Visit>
void for_each_element(const Value& array, const Visit& visit) {
  for (const Value& one : array.GetArray()) {
    if (one.IsArray()) {
      for_each_element(one, visit);
    } else {
      visit(one);
    }
  }
}

template <typename Visit>
void for_each_element(const NumberArray& array, const Visit& visit) {
  for (const double one : array.values) {
    visit(array.integers ? Value(static_cast<std::int64_t>(one)) : Value(one));
  }
}

// What an element of each type must be, and its value.
template <typename Element>
Element signed_of(const Value& value, const std::string& input, Datatype type) {
  if (!value.IsInt64()) fail_as(kParse, "signed-integer", "signed-integer");
  const std::int64_t number = value.GetInt64();
  if (number < std::numeric_limits<Element>::min() ||
      number > std::numeric_limits<Element>::max()) {
    invalid_request("an element of input '" + input + "' is out of the range of " +
                    std::string(name(type)));
  }
  return static_cast<Element>(number);
}

template <typename Element>
Element unsigned_of(const Value& value, const std::string& input, Datatype type) {
  const std::uint64_t number = as_unsigned(value, kParse);
  if (number > std::numeric_limits<Element>::max()) {
    invalid_request("an element of input '" + input + "' is out of the range of " +
                    std::string(name(type)));
  }
  return static_cast<Element>(number);
}

double double_of(const Value& value) {
  if (!value.IsNumber()) fail_as(kParse, "number", "double");
  return value.GetDouble();
}

template <typename Element, typename Data, typename Convert>
std::string packed(const Data& data, std::int64_t count, const Convert& convert) {
  std::string bytes(static_cast<std::size_t>(count) * sizeof(Element), '\0');
  char* at = bytes.data();
  for_each_element(data, [&](const Value& value) {
    const Element element = convert(value);
    std::memcpy(at, &element, sizeof(Element));
    at += sizeof(Element);
  });
  return bytes;
}

// FP32 rounds to infinity beyond the largest, as IEC 559 converts.
template <typename Element>
std::string packed_floats(const Value& data, std::int64_t count) {
  return packed<Element>(data, count,
                         [](const Value& v) { return static_cast<Element>(double_of(v)); });
}

template <typename Element>
std::string packed_floats(const NumberArray& numbers, std::int64_t count) {
  std::string bytes(static_cast<std::size_t>(count) * sizeof(Element), '\0');
  char* at = bytes.data();
  for (const double value : numbers.values) {
    const auto element = static_cast<Element>(value);
    std::memcpy(at, &element, sizeof(Element));
    at += sizeof(Element);
  }
  return bytes;
}

template <typename Data>
std::string packed_strings(const Data& data) {
  std::string bytes;
  for_each_element(data, [&](const Value& value) {
    if (!value.IsString()) fail_as(kParse, "string", "string");
    append_string(bytes, {value.GetString(), value.GetStringLength()});
  });
  return bytes;
}

template <typename Data>
std::string packed_as(const Data& data, const std::string& input, Datatype type,
                      std::int64_t count) {
  const auto of_signed = [&]<typename T>(T) {
    return packed<T>(data, count, [&](const Value& v) { return signed_of<T>(v, input, type); });
  };
  const auto of_unsigned = [&]<typename T>(T) {
    return packed<T>(data, count, [&](const Value& v) { return unsigned_of<T>(v, input, type); });
  };
  switch (type) {
    case Datatype::kBool:
      return packed<char>(data, count,
                          [](const Value& v) { return static_cast<char>(as_bool(v, kParse)); });
    case Datatype::kUint8:
      return of_unsigned(std::uint8_t{});
    case Datatype::kUint16:
      return of_unsigned(std::uint16_t{});
    case Datatype::kUint32:
      return of_unsigned(std::uint32_t{});
    case Datatype::kUint64:
      return of_unsigned(std::uint64_t{});
    case Datatype::kInt8:
      return of_signed(std::int8_t{});
    case Datatype::kInt16:
      return of_signed(std::int16_t{});
    case Datatype::kInt32:
      return of_signed(std::int32_t{});
    case Datatype::kInt64:
      return of_signed(std::int64_t{});
    case Datatype::kFp32:
      return packed_floats<float>(data, count);
    case Datatype::kFp64:
      return packed_floats<double>(data, count);
    case Datatype::kBytes:
      return packed_strings(data);
    case Datatype::kFp16:
    case Datatype::kBf16:
    case Datatype::kInvalid:
      break;
  }
  invalid_request("receiving " + std::string(name(type)) +
                  " data via JSON is not supported. Please use the binary data format for input " +
                  input);
}

template <typename Element, typename Write>
void write_elements(const TensorMessage& output, const Write& write) {
  const std::string_view bytes = output.bytes.view();
  for (std::size_t at = 0; at + sizeof(Element) <= bytes.size(); at += sizeof(Element)) {
    Element element;
    std::memcpy(&element, bytes.data() + at, sizeof(Element));
    write(element);
  }
}

// Finite ones as write_float, the others as JsonWriter::Double.
char* write_any_float(float value, char* to) {
  if (std::isfinite(value)) return write_float(value, to);
  const std::string_view name = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return std::ranges::copy(name, to).out;
}

// In blocks, because a writer's state and a string's growth cost more than nine digits.
void write_nine_digits(const TensorMessage& output, JsonWriter& writer) {
  JsonText& text = writer.raw_value();
  std::array<char, 4096> block;
  char* const begin = block.data();
  char* const full = begin + block.size() - kFloatTextBytes - 1;
  char* at = begin;
  *at++ = '[';
  write_elements<float>(output, [&](float element) {
    if (at > full) {
      text.append({begin, at});
      at = begin;
    }
    at = write_any_float(element, at);
    *at++ = ',';
  });
  at -= at[-1] == ',' ? 1 : 0;
  *at++ = ']';
  text.append({begin, at});
}

void write_strings(const TensorMessage& output, JsonWriter& writer) {
  std::string_view rest = output.bytes.view();
  while (!rest.empty()) {
    const auto element = take_string(rest);
    if (!element) {
      throw RequestError(RequestFault::kInternal,
                         "output '" + output.name + "' holds an incomplete string");
    }
    writer.String(element->data(), static_cast<rapidjson::SizeType>(element->size()));
  }
}

}  // namespace

TensorBytes tensor_from_json(const MessageDocument& json, const RequestValue& data,
                             const std::string& input, Datatype type,
                             std::optional<std::int64_t> count) {
  if (!data.IsArray()) fail_as(kParse, "array", "array");
  const NumberArray* numbers = json.numbers(data);
  const std::int64_t found = numbers ? std::ssize(numbers->values) : Counter(input).count(data);
  if (count && found < *count) {
    throw RequestError(RequestFault::kInternal,
                       "Failed to parse 'data' field: shape does not match true shape");
  }
  if (count && found > *count) {
    throw RequestError(RequestFault::kInternal,
                       std::string(kParse) + ": Shape does not match true shape of 'data' field");
  }
  return TensorBytes::own(numbers ? packed_as(*numbers, input, type, found)
                                  : packed_as(data, input, type, found));
}

void tensor_to_json(const TensorMessage& output, JsonWriter& writer, FloatDigits digits) {
  const auto as_int = [&](auto element) { writer.Int64(element); };
  const auto as_uint = [&](auto element) { writer.Uint64(element); };
  const auto as_double = [&](auto element) { writer.Double(element); };
  if (output.datatype == Datatype::kFp32 && digits == FloatDigits::kNine) {
    write_nine_digits(output, writer);
    return;
  }
  writer.StartArray();
  switch (output.datatype) {
    case Datatype::kBool:
      write_elements<char>(output, [&](char element) { writer.Bool(element != 0); });
      break;
    case Datatype::kUint8:
      write_elements<std::uint8_t>(output, as_uint);
      break;
    case Datatype::kUint16:
      write_elements<std::uint16_t>(output, as_uint);
      break;
    case Datatype::kUint32:
      write_elements<std::uint32_t>(output, as_uint);
      break;
    case Datatype::kUint64:
      write_elements<std::uint64_t>(output, as_uint);
      break;
    case Datatype::kInt8:
      write_elements<std::int8_t>(output, as_int);
      break;
    case Datatype::kInt16:
      write_elements<std::int16_t>(output, as_int);
      break;
    case Datatype::kInt32:
      write_elements<std::int32_t>(output, as_int);
      break;
    case Datatype::kInt64:
      write_elements<std::int64_t>(output, as_int);
      break;
    case Datatype::kFp32:
      write_elements<float>(output, as_double);
      break;
    case Datatype::kFp64:
      write_elements<double>(output, as_double);
      break;
    case Datatype::kBytes:
      write_strings(output, writer);
      break;
    case Datatype::kFp16:
    case Datatype::kBf16:
    case Datatype::kInvalid:
      invalid_request(
          "sending " + std::string(name(output.datatype)) +
          " data via JSON is not supported. Please use the binary data format for output " +
          output.name);
  }
  writer.EndArray();
}

}  // namespace scrim
