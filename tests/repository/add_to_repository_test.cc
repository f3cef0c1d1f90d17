#include <scrim/repository.h>

#include "base/files.h"
#include "repository/model_folder.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

ServedNetwork network_in(const TemporaryFolder& folder) {
  write_file_atomically(folder / "tail.pt", "network");
  ServedNetwork network;
  network.model = "face_detection_noisy";
  network.network = folder / "tail.pt";
  network.inputs = {{"INPUT__0", {-1, 32, -1, -1}}};
  network.outputs = {{"OUTPUT__0", {-1, -1, 4}}};
  network.parameters = {{"scrim_contract", R"({"text": "with \"quotes\"
and lines"})"}};
  return network;
}

TEST(AddToRepository, WhatIsWrittenIsReadBack) {
  const TemporaryFolder folder;
  const ServedNetwork network = network_in(folder);
  const auto model = add_to_repository(folder / "models", network);
  EXPECT_EQ(model, folder / "models" / "face_detection_noisy");
  const auto listed = list_models({folder / "models"});
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].versions, std::vector<std::int64_t>({1}));
  const ModelConfig config = read_model_config(listed[0]);
  EXPECT_EQ(config.backend, "pytorch");
  EXPECT_EQ(config.max_batch_size, 0);
  EXPECT_EQ(config.inputs.at(0).dims, network.inputs[0].dims);
  EXPECT_EQ(config.outputs.at(0).name, "OUTPUT__0");
  EXPECT_EQ(config.parameters, network.parameters);
  EXPECT_EQ(read_file(model_file(listed[0], config, 1)), "network");
}

TEST(AddToRepository, AnotherVersionJoinsAndTheSameIsReplaced) {
  const TemporaryFolder folder;
  ServedNetwork network = network_in(folder);
  add_to_repository(folder / "models", network);
  network.version = 2;
  add_to_repository(folder / "models", network);
  write_file_atomically(folder / "tail.pt", "another network");
  add_to_repository(folder / "models", network);
  const auto listed = list_models({folder / "models"});
  EXPECT_EQ(listed.at(0).versions, std::vector<std::int64_t>({1, 2}));
  const ModelConfig config = read_model_config(listed[0]);
  EXPECT_EQ(read_file(model_file(listed[0], config, 1)), "network");
  EXPECT_EQ(read_file(model_file(listed[0], config, 2)), "another network");
}

TEST(AddToRepository, WhatAServerWouldRefuseIsNotWritten) {
  const TemporaryFolder folder;
  const auto refuse = [&](const char* part, const auto& change,
                          ErrorCode code = ErrorCode::kInvalidArgument) {
    ServedNetwork network = network_in(folder);
    change(network);
    expect_error(code, part, [&] { add_to_repository(folder / "models", network); });
    EXPECT_FALSE(std::filesystem::exists(folder / "models")) << part;
  };
  refuse("'../x' is no name", [](auto& n) { n.model = "../x"; });
  refuse("version 0 is below 1", [](auto& n) { n.version = 0; });
  refuse("has no input", [](auto& n) { n.inputs.clear(); });
  refuse("dimension of 0", [](auto& n) { n.outputs[0].dims[0] = 0; });
  refuse(
      "missing", [](auto& n) { n.network = "missing.pt"; }, ErrorCode::kNotFound);
}

TEST(AddToRepository, ARepositoryNeedsAParent) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "cannot be made",
               [&] { add_to_repository(folder / "no" / "models", network_in(folder)); });
}

}  // namespace
}  // namespace scrim
