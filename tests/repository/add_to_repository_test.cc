#include <scrim/repository.h>

#include "base/files.h"
#include "repository/model_folder.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace scrim {
namespace {

namespace fs = std::filesystem;

ServedNetwork network_in(const TemporaryFolder& folder) {
  write_file_atomically(folder / "tail.pt", "network");
  ServedNetwork network;
  network.model = "face_detection_noisy";
  network.network = folder / "tail.pt";
  network.inputs = {{"INPUT__0", {-1, 32, -1, -1}}};
  network.outputs = {{"OUTPUT__0", {-1, -1, 4}}};
  network.parameters = {{"note", R"({"text": "with \"quotes\"
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

TEST(AddToRepository, InputsHaveTheProtocolsTypes) {
  const TemporaryFolder folder;
  ServedNetwork network = network_in(folder);
  network.inputs = {{"INPUT__0", {-1, 30, -1, -1}, "INT8"}, {"INPUT__1", {-1, 2, -1, -1}, "INT16"}};
  add_to_repository(folder / "models", network);
  const ModelConfig config = read_model_config(list_models({folder / "models"}).at(0));
  EXPECT_EQ(config.inputs.at(0).datatype, Datatype::kInt8);
  EXPECT_EQ(config.inputs.at(1).datatype, Datatype::kInt16);
  network.inputs[0].datatype = "INT7";
  expect_error(ErrorCode::kInvalidArgument, "'INT7' is no datatype",
               [&] { add_to_repository(folder / "models", network); });
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
    EXPECT_FALSE(fs::exists(folder / "models")) << part;
  };
  refuse("'../x' is no name", [](auto& n) { n.model = "../x"; });
  refuse("version 0 is below 1", [](auto& n) { n.version = 0; });
  refuse("has no input", [](auto& n) { n.inputs.clear(); });
  refuse("dimension of 0", [](auto& n) { n.outputs[0].dims[0] = 0; });
  refuse(
      "missing", [](auto& n) { n.network = "missing.pt"; }, ErrorCode::kNotFound);
}

// What a server that polls could meet at any moment: nothing, or all of the model.
TEST(AddToRepository, ANewModelAppearsWithAllItsFiles) {
  const TemporaryFolder folder;
  const ServedNetwork network = network_in(folder);
  const fs::path repository = folder / "models";
  fs::create_directory(repository);
  std::atomic<bool> done = false;
  int looks = 0, halves = 0;
  std::thread poller([&] {
    while (!done) {
      ++looks;
      std::error_code gone;
      const fs::path model = repository / network.model;
      const bool there = fs::exists(model, gone);
      if (there && !fs::exists(model / "config.pbtxt", gone)) ++halves;
      if (there && !fs::exists(model / "1" / "model.pt", gone)) ++halves;
      for (const auto& entry : fs::directory_iterator(repository, gone)) {
        const std::string name = entry.path().filename();
        if (name != network.model && !name.starts_with('.')) ++halves;
      }
    }
  });
  add_to_repository(repository, network);
  done = true;
  poller.join();
  EXPECT_GT(looks, 0);
  EXPECT_EQ(halves, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(repository), {}), 1);
}

TEST(AddToRepository, AFileInThePlaceOfAModelStays) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "models");
  write_file_atomically(folder / "models" / "face_detection_noisy", "mine");
  expect_error(ErrorCode::kInvalidArgument, "is a file",
               [&] { add_to_repository(folder / "models", network_in(folder)); });
  EXPECT_EQ(read_file(folder / "models" / "face_detection_noisy"), "mine");
}

TEST(AddToRepository, ARepositoryNeedsAParent) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "cannot be made",
               [&] { add_to_repository(folder / "no" / "models", network_in(folder)); });
}

}  // namespace
}  // namespace scrim
