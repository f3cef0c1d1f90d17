// btrfs subvolumes: folders that can be cloned at once.
#pragma once

#include <filesystem>

namespace scrim {

// A new folder, a subvolume where the file system has them. Throws as a write does.
void make_data_folder(const std::filesystem::path& path);

// Makes `to` a clone of the subvolume `from`. False, and nothing done, where that is no subvolume
// or the two are not on one btrfs.
bool snapshot_subvolume(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes a file or a folder with all that it holds, subvolumes at once. Nothing there is no error.
// Throws kUnavailable with the reason where something stays.
void remove_tree(const std::filesystem::path& path);

}  // namespace scrim
