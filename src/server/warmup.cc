#include "server/warmup.h"

#include "base/check.h"
#include "base/files.h"

#include <random>

namespace scrim {
namespace {

// Larger ones are a mistake in the config.
constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

// Small whole numbers: valid in every datatype, and no infinity among floats.
std::string random_bytes(Datatype type, std::size_t bytes) {
  std::mt19937 generator(1);  // a warm-up needs no secret
  std::string result(bytes, '\0');
  if (type == Datatype::kFp32) {
    std::normal_distribution<float> normal;
    for (std::size_t at = 0; at + sizeof(float) <= bytes; at += sizeof(float)) {
      const float value = normal(generator);
      result.replace(at, sizeof(float), reinterpret_cast<const char*>(&value), sizeof(float));
    }
    return result;
  }
  const std::size_t step = element_bytes(type);
  for (std::size_t at = 0; at < bytes; at += step) result[at] = static_cast<char>(generator() % 2);
  return result;
}

TensorMessage warmup_input(const WarmupInput& input, const TensorConfig& wanted, std::int64_t batch,
                           const std::filesystem::path& folder) {
  check(input.datatype == wanted.datatype, "warm-up input '", wanted.name, "' is ",
        name(input.datatype), " and the model expects ", name(wanted.datatype));
  TensorMessage tensor;
  tensor.name = wanted.name;
  tensor.datatype = wanted.datatype;
  tensor.shape = input.dims;
  if (batch > 0) tensor.shape.insert(tensor.shape.begin(), batch);
  const auto count = counted_elements(tensor.shape);
  check(count && *count <= kMostElements, "warm-up input '", wanted.name,
        "' has a dimension below 0 or more than ", kMostElements, " elements");
  const bool strings = tensor.datatype == Datatype::kBytes;
  const std::size_t bytes =
      static_cast<std::size_t>(*count) * (strings ? 4 : element_bytes(tensor.datatype));
  if (input.fill == WarmupInput::Fill::kFile) {
    check(input.file.find("..") == std::string::npos && !input.file.starts_with('/'),
          "warm-up input '", wanted.name, "' names a file outside its model");
    std::string content = read_file(folder / "warmup" / input.file);
    check(strings || content.size() == bytes, "the file of warm-up input '", wanted.name, "' has ",
          content.size(), " bytes and should have ", bytes);
    tensor.bytes = TensorBytes::own(std::move(content));
  } else if (input.fill == WarmupInput::Fill::kRandom && !strings) {
    tensor.bytes = TensorBytes::own(random_bytes(tensor.datatype, bytes));
  } else {
    tensor.bytes = TensorBytes::own(std::string(bytes, '\0'));  // empty strings, or zeros
  }
  return tensor;
}

}  // namespace

std::vector<TensorMessage> warmup_inputs(const Warmup& warmup, const ModelConfig& config,
                                         const std::filesystem::path& folder) {
  std::vector<TensorMessage> inputs;
  const std::int64_t batch =
      config.max_batch_size > 0 ? std::max<std::int64_t>(warmup.batch_size, 1) : 0;
  check(batch <= config.max_batch_size, "warm-up '", warmup.name, "' has a batch of ", batch,
        ", more than max_batch_size ", config.max_batch_size);
  std::size_t used = 0;
  for (const TensorConfig& wanted : config.inputs) {
    const auto input = warmup.inputs.find(wanted.name);
    if (input == warmup.inputs.end()) {
      check(wanted.optional, "warm-up '", warmup.name, "' has no input '", wanted.name, "'");
      continue;
    }
    ++used;
    inputs.push_back(warmup_input(input->second, wanted, batch, folder));
  }
  check(used == warmup.inputs.size(), "warm-up '", warmup.name, "' has ", warmup.inputs.size(),
        " inputs, of which the model knows ", used);
  return inputs;
}

}  // namespace scrim
