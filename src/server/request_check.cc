#include "server/request_check.h"

#include "protocol/infer_request.h"
#include "protocol/request_error.h"
#include "protocol/string_tensor.h"

#include <algorithm>
#include <limits>

namespace scrim {
namespace {

constexpr const char* kBatchNote =
    "NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be "
    "prepended to each input shape. If you want to specify the full shape including the batch dim "
    "in your input dims config, try setting max_batch_size to zero. See the model configuration "
    "docs for more info on max_batch_size.";

template <typename Tensors>
auto* named(Tensors& tensors, const std::string& name) {
  const auto at = std::ranges::find(tensors, name, [](const auto& one) { return one.name; });
  return at == tensors.end() ? nullptr : &*at;
}

bool matches(const std::vector<std::int64_t>& dims, std::span<const std::int64_t> shape) {
  return std::ranges::equal(dims, shape, [](std::int64_t dim, std::int64_t length) {
    return length >= 0 && (dim == -1 || dim == length);
  });
}

// "['INPUT0','INPUT1']".
std::string name_list(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ",'" : "'") + name + "'";
  return text + "]";
}

// Looks at one request; keeps the two names that every sentence has.
class Checker {
 public:
  Checker(InferRequest& request, const ModelConfig& config)
      : request_(request), config_(config), of_model_(" for model '" + config.name + "'") {}

  CheckedRequest check() {
    check_outputs();
    check_number_of_inputs();
    checked_.batch = config_.max_batch_size > 0 ? batch_of_inputs() : 0;
    if (checked_.batch > config_.max_batch_size) {
      invalid("inference request batch-size must be <= " + std::to_string(config_.max_batch_size) +
              " for '" + config_.name + "'");
    }
    for (auto input = request_.inputs.rbegin(); input != request_.inputs.rend(); ++input) {
      check_input(*input);
    }
    if (config_.max_batch_size > 0 && checked_.batch == 0) {
      invalid("inference request batch-size must be >= 1 for '" + config_.name + "'");
    }
    for (const TensorConfig& wanted : config_.inputs) {
      TensorMessage* input = named(request_.inputs, wanted.name);
      if (input == nullptr) continue;
      if (wanted.reshape) {
        input->shape = reshaped(input->shape, lead(), wanted.dims, *wanted.reshape);
      }
      checked_.inputs.push_back(std::move(*input));
    }
    return std::move(checked_);
  }

 private:
  [[noreturn]] void invalid(const std::string& sentence) const {
    throw RequestError(RequestFault::kInvalid, request_prefix(request_.id) + sentence);
  }

  std::size_t lead() const { return config_.max_batch_size > 0 ? 1 : 0; }

  void check_outputs() {
    for (const RequestedOutput& output : request_.outputs) {
      if (named(config_.outputs, output.name) == nullptr) {
        // The reference server has no prefix here.
        throw RequestError(RequestFault::kInvalid,
                           "unexpected inference output '" + output.name + "'" + of_model_);
      }
    }
    checked_.outputs = std::move(request_.outputs);
    if (!checked_.outputs.empty()) return;
    for (const TensorConfig& output : config_.outputs) {
      checked_.outputs.push_back({output.name, 0, request_.binary_outputs});
    }
  }

  void check_number_of_inputs() const {
    const auto needed = std::ranges::count(config_.inputs, false, &TensorConfig::optional);
    const auto given = static_cast<std::ptrdiff_t>(request_.inputs.size());
    const auto all = static_cast<std::ptrdiff_t>(config_.inputs.size());
    if (given >= needed && given <= all && missing_inputs().empty()) return;
    // With the right number, a missing input means an unknown one, which is what to name.
    if (given >= needed && given <= all && has_unknown_input()) return;
    std::vector<std::string> got;
    for (const TensorMessage& input : request_.inputs) got.push_back(input.name);
    const std::string wanted = needed == all
                                   ? "expected " + std::to_string(all)
                                   : "expected number of inputs between " + std::to_string(needed) +
                                         " and " + std::to_string(all);
    std::string sentence = wanted + (needed == all ? " inputs" : "") + " but got " +
                           std::to_string(given) + " inputs" + of_model_ + ". Got input(s) " +
                           name_list(got);
    if (const auto missing = missing_inputs(); !missing.empty()) {
      sentence += ", but missing required input(s) " + name_list(missing) +
                  ". Please provide all required input(s).";
    } else {
      sentence += ".";
    }
    invalid(sentence);
  }

  bool has_unknown_input() const {
    return std::ranges::any_of(request_.inputs, [&](const TensorMessage& input) {
      return named(config_.inputs, input.name) == nullptr;
    });
  }

  std::vector<std::string> missing_inputs() const {
    std::vector<std::string> missing;
    for (const TensorConfig& wanted : config_.inputs) {
      if (!wanted.optional && named(request_.inputs, wanted.name) == nullptr) {
        missing.push_back(wanted.name);
      }
    }
    return missing;
  }

  std::int64_t batch_of_inputs() const {
    std::int64_t batch = 0;
    for (auto input = request_.inputs.rbegin(); input != request_.inputs.rend(); ++input) {
      if (input->shape.empty()) {
        invalid("input '" + input->name +
                "' has no shape but model requires batch dimension for '" + config_.name + "'");
      }
      if (batch != 0) check_batch(*input, batch);
      batch = input->shape[0];
    }
    // The reference server counts without a sign: below zero is more than any batch.
    if (batch < 0) return std::numeric_limits<std::int64_t>::max();
    for (const TensorMessage& input : request_.inputs) check_batch(input, batch);
    return batch;
  }

  void check_batch(const TensorMessage& input, std::int64_t batch) const {
    if (input.shape[0] == batch && batch >= 0) return;
    invalid("input '" + input.name + "' batch size does not match other inputs for '" +
            config_.name + "'");
  }

  void check_input(const TensorMessage& input) const {
    const TensorConfig* wanted = named(config_.inputs, input.name);
    if (wanted == nullptr) invalid("unexpected inference input '" + input.name + "'" + of_model_);
    if (input.datatype != wanted->datatype) {
      invalid("inference input '" + input.name + "' data-type is '" +
              std::string(name(input.datatype)) + "', but model '" + config_.name + "' expects '" +
              std::string(name(wanted->datatype)) + "'");
    }
    if (!matches(wanted->dims, std::span(input.shape).subspan(lead()))) {
      std::vector<std::int64_t> expected = wanted->dims;
      if (lead() == 1) expected.insert(expected.begin(), -1);
      invalid("unexpected shape for input '" + input.name + "'" + of_model_ + ". Expected " +
              shape_list(expected) + ", got " + shape_list(input.shape) + ". " +
              (lead() == 1 ? kBatchNote : ""));
    }
    if (input.datatype == Datatype::kBytes) {
      check_strings(input);
    } else {
      check_size(input);
    }
  }

  // As the reference server counts: a batch of 0 is no batch, so that nothing is no tensor.
  std::int64_t elements_of(const TensorMessage& input) const {
    const std::span<const std::int64_t> shape(input.shape);
    const auto count = counted_elements(checked_.batch == 0 ? shape.subspan(lead()) : shape);
    if (!count) {
      invalid("input '" + input.name + "'" + of_model_ + " has more elements than can be counted");
    }
    return *count;
  }

  void check_size(const TensorMessage& input) const {
    const std::uint64_t expected =
        static_cast<std::uint64_t>(elements_of(input)) * element_bytes(input.datatype);
    if (input.bytes.view().size() != expected) {
      invalid("input byte size mismatch for input '" + input.name + "'" + of_model_ +
              ". Expected " + std::to_string(expected) + ", got " +
              std::to_string(input.bytes.view().size()));
    }
  }

  void check_strings(const TensorMessage& input) const {
    const std::int64_t expected = elements_of(input);
    const std::string of_input = " for inference input '" + input.name + "'" + of_model_;
    std::int64_t found = 0;
    for (std::string_view rest = input.bytes.view(); !rest.empty(); ++found) {
      if (found == expected) {
        invalid("unexpected number of string elements " + std::to_string(expected + 1) + of_input +
                ", expecting " + std::to_string(expected));
      }
      if (!take_string(rest)) refuse_string(rest, of_input);
    }
    if (found != expected) {
      invalid("expected " + std::to_string(expected) + " string elements" + of_input + ", got " +
              std::to_string(found));
    }
  }

  // `rest` begins with the string that is not whole.
  [[noreturn]] void refuse_string(std::string_view rest, const std::string& of_input) const {
    const auto length = first_string_length(rest);
    if (!length) {
      invalid("incomplete string length indicator" + of_input + ", expecting " +
              std::to_string(sizeof(StringLength)) + " bytes but only " +
              std::to_string(rest.size()) +
              " bytes available. Please make sure the string length indicator is in one "
              "contiguous buffer.");
    }
    invalid("incomplete string data" + of_input + ", expecting string of length " +
            std::to_string(*length) + " but only " +
            std::to_string(rest.size() - sizeof(StringLength)) + " bytes available");
  }

  InferRequest& request_;
  const ModelConfig& config_;
  std::string of_model_;
  CheckedRequest checked_;
};

}  // namespace

CheckedRequest check_request(InferRequest request, const ModelConfig& config) {
  return Checker(request, config).check();
}

std::int64_t inference_count(std::int64_t batch) { return std::max<std::int64_t>(batch, 1); }

std::vector<std::int64_t> reshaped(const std::vector<std::int64_t>& shape, std::size_t lead,
                                   const std::vector<std::int64_t>& from,
                                   const std::vector<std::int64_t>& to) {
  std::vector<std::int64_t> result(shape.begin(),
                                   shape.begin() + static_cast<std::ptrdiff_t>(lead));
  std::size_t next = 0;
  for (const std::int64_t dimension : to) {
    if (dimension != -1) {
      result.push_back(dimension);
      continue;
    }
    while (next < from.size() && from[next] != -1) ++next;
    result.push_back(shape.at(lead + next++));
  }
  return result;
}

}  // namespace scrim
