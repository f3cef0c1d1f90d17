// The safetensors format: read without trust, written with aligned data.
#pragma once

#include <scrim/activation.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace scrim {

// The tensors of one file. F32 is kept as it is, bit for bit: a NaN is the caller's to refuse. F16,
// BF16, F64, I64, I32 and U8 are converted to float32; others are refused, and so is an integer
// that would be rounded.
struct Safetensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;

  // The tensor of that name. Throws kCorrupt naming it if missing.
  const Tensor& at(const std::string& name) const;
};

// Checks everything before use: header size, JSON, dtypes, shapes against offsets, overlaps, holes,
// trailing bytes. Throws kCorrupt with one sentence, kNotFound, kUnsupported (dtype).
// docs/formats/safetensors.md draws the bytes.
Safetensors read_safetensors(const std::filesystem::path& path);
Safetensors parse_safetensors(std::string_view bytes, const std::string& what);

// Writes F32 (I64 for names that end in "num_batches_tracked"), atomically. The same contents give
// the same bytes.
void write_safetensors(const std::filesystem::path& path, const Safetensors& contents);
std::string format_safetensors(const Safetensors& contents);

}  // namespace scrim
