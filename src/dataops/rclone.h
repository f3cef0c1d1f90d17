// How a transfer is asked of rclone: its words and its environment. Nothing goes through a shell,
// and no key is among the words.
#pragma once

#include <scrim/dataops.h>

#include "base/program.h"

#include <string>
#include <vector>

namespace scrim {

enum class TransferStep {
  kLook,         // whether the bucket is there, and of a download something in it
  kCompare,      // of one object that is downloaded: whether it has to be copied
  kCopy,         // what the target has not; with sync and without a stage, deletes too
  kPrune,        // of a download through a stage: deletes what the bucket has not
  kVerify,       // by hashes, or sizes where there are none
  kVerifyBytes,  // whole files that have no hash in the store
};

// Where the files are for rclone.
struct RclonePlaces {
  std::string files;       // the folder, or the file of one object
  std::string stage = {};  // of a download: where files wait until they are whole, in their volume
  std::string ca = {};     // a file with the certificates to trust
  std::string list = {};   // of kVerifyBytes: a file with the names; empty: all
};

std::vector<std::string> rclone_command(const TransferPlan& plan, TransferStep step,
                                        const RclonePlaces& places);
// Lists, on stdout, "HASH;NAME" of each object; no hash where the store has none.
std::vector<std::string> rclone_hashes(const TransferPlan& plan, const RclonePlaces& places);

// Of the store, without its keys.
Environment rclone_environment(const S3Store& store);
inline constexpr const char* kAccessKeyVariable = "RCLONE_CONFIG_S3_ACCESS_KEY_ID";
inline constexpr const char* kSecretKeyVariable = "RCLONE_CONFIG_S3_SECRET_ACCESS_KEY";

// Below a folder of a volume: what has not been copied whole, and is never sent.
inline constexpr const char* kStageFolder = ".scrim-transfer";

}  // namespace scrim
