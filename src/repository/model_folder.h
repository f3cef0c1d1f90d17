// The model repository on disk: which models and versions there are, in Triton's layout.
#pragma once

#include "repository/model_config.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

// A folder of a repository. What is no model (a file, a hidden entry) is not listed.
struct ModelFolder {
  std::string name;
  std::filesystem::path path;
  std::vector<std::int64_t> versions;  // ascending; folders that are no plain decimal are left out
  // Of the names, sizes and times of config and of the files of each version: another number when
  // something changed.
  std::uint64_t fingerprint = 0;
  bool ambiguous = false;  // another repository has a model of the same name
};

// Letters, digits, ".", "_" and "-", the first a letter or digit; at most 128, no "..".
bool is_model_name(const std::string& name);

// The models of all repositories, by name. Throws kNotFound for a repository that is no folder.
std::vector<ModelFolder> list_models(const std::vector<std::filesystem::path>& repositories);

// Reads config.pbtxt, or configs/NAME.pbtxt if `config_name` is not empty and that file exists.
// Throws as parse_model_config, and kNotFound without the file.
ModelConfig read_model_config(const ModelFolder& folder, const std::string& config_name = "");

// The versions that the policy serves, ascending.
std::vector<std::int64_t> served_versions(const VersionPolicy& policy,
                                          const std::vector<std::int64_t>& versions);

// FOLDER/VERSION/model.pt, or as the config and its backend name the file.
std::filesystem::path model_file(const ModelFolder& folder, const ModelConfig& config,
                                 std::int64_t version);

// The lines of the output's label file; empty without one. Throws kNotFound if it is named and not
// there.
std::vector<std::string> read_labels(const ModelFolder& folder, const TensorConfig& output);

}  // namespace scrim
