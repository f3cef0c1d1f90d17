// Models on disk for an inference server, in the layout that Triton and scrim-server read.
#pragma once

#include <scrim/activation.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace scrim {

// An input or output. -1 is a dimension that each request chooses.
struct ServedTensor {
  std::string name;
  Shape dims;
  std::string datatype = "FP32";  // as the Open Inference Protocol names it
};

// A TorchScript file as a version of a model. Its shapes are complete: requests carry the batch
// dimension as the first of `dims`.
struct ServedNetwork {
  std::string model;         // letters, digits, ".", "_", "-"; at most 128, no ".."
  std::int64_t version = 1;  // from 1
  std::filesystem::path network;
  std::vector<ServedTensor> inputs, outputs;
  // Of config.pbtxt: what clients and servers read of the model, as strings.
  std::map<std::string, std::string> parameters = {};
};

// Writes REPOSITORY/MODEL/config.pbtxt and REPOSITORY/MODEL/VERSION/model.pt. A model that is there
// keeps its other versions; the same version and the config, which all of them share, are replaced.
// A server that polls never sees half of a new model or of a version. Returns the model's folder.
//
// Throws kInvalidArgument for a name or number out of its range, a model without inputs or outputs,
// a datatype that there is not and a dimension of 0 or below -1; kNotFound without the network's
// file or the repository's parent folder; kUnavailable where the disk is full or read-only.
std::filesystem::path add_to_repository(const std::filesystem::path& repository,
                                        const ServedNetwork& network);

}  // namespace scrim
