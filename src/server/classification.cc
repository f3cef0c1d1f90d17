#include "server/classification.h"

#include "protocol/request_error.h"
#include "protocol/string_tensor.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <numeric>

namespace scrim {
namespace {

constexpr std::int64_t kMostStrings = 1'000'000;

template <typename Element>
std::vector<double> values_of(std::string_view bytes) {
  std::vector<double> values(bytes.size() / sizeof(Element));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Element element;
    std::memcpy(&element, bytes.data() + i * sizeof(Element), sizeof(Element));
    values[i] = static_cast<double>(element);
  }
  return values;
}

std::vector<double> values_of(const TensorMessage& output) {
  const std::string_view bytes = output.bytes.view();
  switch (output.datatype) {
    case Datatype::kBool:
    case Datatype::kUint8:
      return values_of<std::uint8_t>(bytes);
    case Datatype::kUint16:
      return values_of<std::uint16_t>(bytes);
    case Datatype::kUint32:
      return values_of<std::uint32_t>(bytes);
    case Datatype::kUint64:
      return values_of<std::uint64_t>(bytes);
    case Datatype::kInt8:
      return values_of<std::int8_t>(bytes);
    case Datatype::kInt16:
      return values_of<std::int16_t>(bytes);
    case Datatype::kInt32:
      return values_of<std::int32_t>(bytes);
    case Datatype::kInt64:
      return values_of<std::int64_t>(bytes);
    case Datatype::kFp32:
      return values_of<float>(bytes);
    case Datatype::kFp64:
      return values_of<double>(bytes);
    case Datatype::kFp16:
    case Datatype::kBf16:
    case Datatype::kBytes:
    case Datatype::kInvalid:
      break;
  }
  throw RequestError(RequestFault::kInvalid,
                     "class result not available for output due to unsupported type '" +
                         std::string(name(output.datatype)) + "'");
}

bool is_integer(Datatype type) { return type != Datatype::kFp32 && type != Datatype::kFp64; }

std::string class_text(double value, std::int64_t index, Datatype type,
                       const std::vector<std::string>& labels) {
  std::array<char, 400> number;  // the largest double has 309 digits before the point
  const int length = is_integer(type) ? std::snprintf(number.data(), number.size(), "%.0f", value)
                                      : std::snprintf(number.data(), number.size(), "%f", value);
  std::string text(number.data(), static_cast<std::size_t>(length));
  text += ":" + std::to_string(index);
  if (static_cast<std::size_t>(index) < labels.size()) text += ":" + labels[index];
  return text;
}

// NaN counts as the smallest of all, so that the order is one.
bool before(double a, double b) { return a > b || (a == a && b != b); }

}  // namespace

TensorMessage classified(const TensorMessage& output, std::int64_t classes, bool batched,
                         const std::vector<std::string>& labels) {
  const std::vector<double> values = values_of(output);
  const std::int64_t rows = batched ? output.shape.front() : 1;
  const std::int64_t length = rows == 0 ? 0 : static_cast<std::int64_t>(values.size()) / rows;
  classes = std::min(classes, length);
  if (rows != 0 && classes > kMostStrings / rows) {
    throw RequestError(RequestFault::kInvalid, "classification output tensor too large");
  }
  std::string bytes;
  std::vector<std::int64_t> order(static_cast<std::size_t>(length));
  for (std::int64_t row = 0; row < rows; ++row) {
    const double* own = values.data() + row * length;
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + classes, order.end(),
                      [own](std::int64_t a, std::int64_t b) {
                        if (before(own[a], own[b])) return true;
                        return !before(own[b], own[a]) && a < b;
                      });
    for (std::int64_t i = 0; i < classes; ++i) {
      append_string(bytes, class_text(own[order[i]], order[i], output.datatype, labels));
    }
  }
  TensorMessage result;
  result.name = output.name;
  result.datatype = Datatype::kBytes;
  if (batched) result.shape.push_back(rows);
  result.shape.push_back(classes);
  result.bytes = TensorBytes::own(std::move(bytes));
  return result;
}

}  // namespace scrim
