#include <scrim/repository.h>

#include "base/check.h"
#include "base/files.h"
#include "repository/model_config.h"
#include "repository/model_config.pb.h"
#include "repository/model_folder.h"

#include <google/protobuf/text_format.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

template <typename Tensor>
void describe(Tensor& message, const ServedTensor& tensor) {
  message.set_name(tensor.name);
  inference::DataType type = inference::TYPE_INVALID;
  check(inference::DataType_Parse("TYPE_" + tensor.datatype, &type), "'", tensor.datatype,
        "' is no datatype of the protocol");
  message.set_data_type(type);
  for (const std::int64_t dim : tensor.dims) message.add_dims(dim);
}

std::string config_text(const ServedNetwork& network) {
  inference::ModelConfig config;
  config.set_name(network.model);
  config.set_platform("pytorch_libtorch");
  for (const ServedTensor& input : network.inputs) describe(*config.add_input(), input);
  for (const ServedTensor& output : network.outputs) describe(*config.add_output(), output);
  for (const auto& [key, value] : network.parameters) {
    (*config.mutable_parameters())[key].set_string_value(value);
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(config, &text);
  return text;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directory(folder, error);
  if (!fs::is_directory(folder)) {
    const bool lost = !fs::exists(folder.parent_path());
    fail(lost ? ErrorCode::kNotFound : ErrorCode::kUnavailable, "folder '", folder.string(),
         "' cannot be made: ", error.message());
  }
}

// A new model appears with all its files, under a hidden name until then.
void add_model(const fs::path& model, std::int64_t version, std::string_view bytes,
               std::string_view config) {
  AtomicFolder folder(model);
  make_folder(folder.path() / std::to_string(version));
  write_new_file(folder.path() / std::to_string(version) / "model.pt", bytes);
  write_new_file(folder.path() / "config.pbtxt", config);
  folder.commit();
}

// The version first: a config that a server cannot match with any network would stop the model.
void add_version(const fs::path& model, std::int64_t version, std::string_view bytes,
                 std::string_view config) {
  check(fs::is_directory(model), "'", model.string(), "' is a file, not the folder of a model");
  AtomicFolder folder(model / std::to_string(version));
  write_new_file(folder.path() / "model.pt", bytes);
  folder.commit();
  write_file_atomically(model / "config.pbtxt", config);
}

}  // namespace

fs::path add_to_repository(const fs::path& repository, const ServedNetwork& network) {
  check(is_model_name(network.model), "'", network.model,
        "' is no name of a model: letters, digits, '.', '_' and '-', at most 128, no '..'");
  check(network.version >= 1, "version ", network.version, " is below 1");
  const std::string config = config_text(network);
  parse_model_config(config, network.model);  // what a server would refuse is refused here
  const std::string bytes = read_file(network.network);

  make_folder(repository);
  fs::path model = repository / network.model;
  if (std::error_code error; fs::exists(model, error)) {
    add_version(model, network.version, bytes, config);
  } else {
    add_model(model, network.version, bytes, config);
  }
  return model;
}

}  // namespace scrim
