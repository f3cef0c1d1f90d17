#include "release/safetensors.h"

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"
#include "release/dtype.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

namespace scrim {
namespace {

constexpr std::size_t kPrefix = 8;                 // the header's length, little-endian
constexpr std::uint64_t kMaxHeader = 100'000'000;  // as the reference implementation
constexpr std::size_t kAlignment = 8;              // of the data, by spaces after the header
constexpr const char* kMetadata = "__metadata__";
constexpr std::string_view kCounter = "num_batches_tracked";

// One tensor as the header describes it; offsets count from the end of the header.
struct Entry {
  std::string name;
  const Dtype* dtype;
  Shape shape;
  std::uint64_t begin;
  std::uint64_t end;
};

// A stranger's name, fit for a sentence: short, printable, in quotes.
std::string in_quotes(std::string_view name) {
  constexpr std::size_t kMost = 80;
  std::string text(name.substr(0, kMost));
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c == '\x7f'; }, '?');
  return "'" + text + (name.size() > kMost ? "...'" : "'");
}

template <typename... Parts>
void expect(bool condition, const Parts&... parts) {
  if (!condition) fail(ErrorCode::kCorrupt, parts...);
}

// Numbers as written by a stranger: 1.0, 1e3 and -0 are not sizes, and 2^63 fits no int64.
std::uint64_t read_number(const SortedJson& value, const std::string& what) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool whole = value.is_number_unsigned() && value.get<std::uint64_t>() <= kMost;
  expect(whole, what, " must hold whole numbers in [0, 2^63)");
  return value.get<std::uint64_t>();
}

Shape read_shape(const SortedJson& value, const std::string& what) {
  expect(value.is_array(), what, " must be an array");
  Shape shape;
  for (const SortedJson& size : value) {
    shape.push_back(static_cast<std::int64_t>(read_number(size, what)));
  }
  return shape;
}

// The bytes that the shape takes, where no step may overflow.
std::uint64_t byte_count(const Entry& entry, const std::string& what) {
  std::int64_t bytes = 0;
  try {
    const auto size = static_cast<std::int64_t>(entry.dtype->bytes);
    expect(!__builtin_mul_overflow(element_count(entry.shape), size, &bytes), "");
  } catch (const Error&) {
    fail(ErrorCode::kCorrupt, what, " has a shape of more than 2^63 bytes");
  }
  return static_cast<std::uint64_t>(bytes);
}

Entry read_entry(const std::string& name, const SortedJson& value, const std::string& file) {
  const std::string what = file + ": tensor " + in_quotes(name);
  expect(value.is_object() && value.size() == 3 && value.contains("dtype") &&
             value.contains("shape") && value.contains("data_offsets"),
         what, " must have exactly dtype, shape and data_offsets");
  const SortedJson& dtype = value["dtype"];
  expect(dtype.is_string(), what, " has a dtype that is not a string");
  const Dtype* known = find_dtype(dtype.get<std::string>());
  if (known == nullptr) {
    fail(ErrorCode::kUnsupported, what, " has the dtype ", in_quotes(dtype.get<std::string>()),
         "; F32, F16, BF16, F64, I64, I32 and U8 are read");
  }
  const SortedJson& offsets = value["data_offsets"];
  expect(offsets.is_array() && offsets.size() == 2, what, " must have two data_offsets");
  Entry entry{name, known, read_shape(value["shape"], what + ": shape"),
              read_number(offsets[0], what + ": data_offsets"),
              read_number(offsets[1], what + ": data_offsets")};
  const std::uint64_t bytes = byte_count(entry, what);
  expect(entry.begin <= entry.end && entry.end - entry.begin == bytes, what, " needs ", bytes,
         " bytes but its data_offsets are ", entry.begin, " and ", entry.end);
  return entry;
}

std::map<std::string, std::string> read_metadata(const SortedJson& value, const std::string& file) {
  expect(value.is_object(), file, ": ", kMetadata, " must be an object of strings");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) {
    expect(text.is_string(), file, ": ", kMetadata, " must be an object of strings");
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// Every byte of the data belongs to exactly one tensor.
void check_layout(std::vector<Entry>& entries, std::uint64_t data_bytes, const std::string& file) {
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t position = 0;
  for (const Entry& entry : entries) {
    expect(entry.begin == position, file, ": tensor ", in_quotes(entry.name),
           entry.begin < position ? " overlaps" : " leaves a hole after", " the one before it");
    expect(entry.end <= data_bytes, file, ": tensor ", in_quotes(entry.name), " ends at byte ",
           entry.end, " of ", data_bytes, " bytes of data");
    position = entry.end;
  }
  expect(position == data_bytes, file, " has ", data_bytes - position, " bytes after its tensors");
}

// The header's text; what follows it is data.
std::string_view read_header(std::string_view bytes, const std::string& file) {
  expect(bytes.size() >= kPrefix, file, " is too short for a safetensors file: ", bytes.size(),
         " bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kPrefix);
  expect(length <= kMaxHeader, file, " claims a header of ", length, " bytes, over the limit of ",
         kMaxHeader);
  expect(length <= bytes.size() - kPrefix, file, " ends inside its header: ", length,
         " bytes claimed, ", bytes.size() - kPrefix, " there");
  const std::string_view header = bytes.substr(kPrefix, length);
  expect(header.starts_with('{'), file, " has a header that is not a JSON object");
  return header;
}

bool is_counter(const std::string& name) { return name.ends_with(kCounter); }

// Training counts in float32 with every other tensor; the file wants whole numbers again.
std::vector<std::int64_t> counters(const std::string& name, const Tensor& tensor) {
  std::vector<std::int64_t> values;
  for (const float value : tensor.values) {
    constexpr float kLimit = 0x1p63F;
    const bool whole = value > -kLimit && value < kLimit &&
                       static_cast<float>(static_cast<std::int64_t>(value)) == value;
    check(whole, "tensor ", in_quotes(name), " counts, but holds ", value);
    values.push_back(static_cast<std::int64_t>(value));
  }
  return values;
}

// The element bytes of one tensor, as they lie in the file.
std::string data_of(const std::string& name, const Tensor& tensor) {
  check(!name.empty() && name != kMetadata, "no tensor may be called ", in_quotes(name));
  check(static_cast<std::uint64_t>(element_count(tensor.shape)) == tensor.values.size(), "tensor ",
        in_quotes(name), " has ", tensor.values.size(), " values; its shape takes ",
        element_count(tensor.shape));
  const auto bytes_of = [](const auto& values) {
    return std::string(reinterpret_cast<const char*>(values.data()),
                       values.size() * sizeof(values[0]));
  };
  return is_counter(name) ? bytes_of(counters(name, tensor)) : bytes_of(tensor.values);
}

}  // namespace

const Tensor& Safetensors::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) fail(ErrorCode::kCorrupt, "there is no tensor ", in_quotes(name));
  return found->second;
}

Safetensors parse_safetensors(std::string_view bytes, const std::string& what) {
  const std::string_view header = read_header(bytes, what);
  const std::string_view data = bytes.substr(kPrefix + header.size());
  const SortedJson json = parse_sorted_json(header, what + ": header");

  Safetensors contents;
  std::vector<Entry> entries;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadata) {
      contents.metadata = read_metadata(value, what);
    } else {
      entries.push_back(read_entry(name, value, what));
    }
  }
  check_layout(entries, data.size(), what);
  for (const Entry& entry : entries) {
    const std::string_view element_bytes = data.substr(entry.begin, entry.end - entry.begin);
    try {
      contents.tensors[entry.name] = {entry.shape, entry.dtype->to_float(element_bytes)};
    } catch (const Error& error) {
      fail(error.code(), what, ": tensor ", in_quotes(entry.name), ": ", error.what());
    }
  }
  return contents;
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::string format_safetensors(const Safetensors& contents) {
  Json header = Json::object();
  if (!contents.metadata.empty()) header[kMetadata] = contents.metadata;
  std::string data;
  // The wider type first, then by name: the reference implementation's order, which aligns all.
  for (const bool wide : {true, false}) {
    for (const auto& [name, tensor] : contents.tensors) {
      if (is_counter(name) != wide) continue;
      const std::size_t begin = data.size();
      data += data_of(name, tensor);
      header[name] = {{"dtype", wide ? "I64" : "F32"},
                      {"shape", tensor.shape},
                      {"data_offsets", {begin, data.size()}}};
    }
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::type_error&) {
    fail(ErrorCode::kInvalidArgument, "a tensor's name or the metadata is not UTF-8");
  }
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const auto length = std::bit_cast<std::array<char, kPrefix>>(std::uint64_t{text.size()});
  return std::string(length.data(), kPrefix) + text + data;
}

void write_safetensors(const std::filesystem::path& path, const Safetensors& contents) {
  write_file_atomically(path, format_safetensors(contents));
}

}  // namespace scrim
