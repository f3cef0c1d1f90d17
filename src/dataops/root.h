// The folder that holds all namespaces, and the folders of one. docs/formats/volumes.md draws it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

struct SpaceFolders {
  std::filesystem::path volumes, snapshots, servers, workspaces, runs, transfers, staging;
};

// Makes the root with its mark and "default" where there is none. Throws kInvalidArgument for a
// folder that holds other things.
void prepare_root(const std::filesystem::path& root);

// Where the objects of a namespace are, whether it is there or not. Throws kInvalidArgument for a
// name that is none.
SpaceFolders folders_for(const std::filesystem::path& root, const std::string& space);
// The same. Throws kNotFound for a namespace that there is not, with those that there are.
SpaceFolders folders_of(const std::filesystem::path& root, const std::string& space);

// As DataOps says.
std::vector<std::string> local_namespaces(const std::filesystem::path& root);
bool create_local_namespace(const std::filesystem::path& root, const std::string& name);
void delete_local_namespace(const std::filesystem::path& root, const std::string& name);

}  // namespace scrim
