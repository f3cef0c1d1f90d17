#include "server/model_loader.h"

#include "server/small_models.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

std::vector<LoadedVersion> load(const TemporaryFolder& root, const Engines& engines) {
  const ModelFolder folder = list_models({root.path()}).at(0);
  return load_versions(folder, std::make_shared<const ModelConfig>(read_model_config(folder)),
                       engines, [](std::int64_t version) {
                         return std::make_shared<StatisticsRecord>("m", std::to_string(version));
                       });
}

TEST(ModelLoader, EveryVersionOfThePolicyIsLoaded) {
  const TemporaryFolder root;
  for (const int version : {1, 2, 3}) {
    write_model(root.path(), "m", identity_config("version_policy { latest { num_versions: 2 } }"),
                "identity", version);
  }
  const auto loaded = load(root, file_engines());
  ASSERT_EQ(loaded.size(), 2U);
  EXPECT_EQ(loaded[0].version, 2);
  EXPECT_EQ(loaded[1].version, 3);
  for (const auto& one : loaded) EXPECT_TRUE(one.served) << one.fault;
}

TEST(ModelLoader, AFaultIsASentenceWithoutAnyPath) {
  const TemporaryFolder root;
  write_model(root.path(), "m", identity_config(), "junk");
  const auto broken = load(root, file_engines());
  ASSERT_EQ(broken.size(), 1U);
  EXPECT_FALSE(broken[0].served);
  EXPECT_EQ(broken[0].fault, "model 'm' has a broken file");

  std::filesystem::remove(root / "m" / "1" / "model.pt");
  EXPECT_EQ(load(root, file_engines())[0].fault, "the model has no file 'model.pt'");
  EXPECT_EQ(load(root, {})[0].fault, "backend 'pytorch' is not built in");
  const Engines surprising = {
      {"pytorch",
       [](const ModelConfig&, const std::filesystem::path& file) -> std::unique_ptr<Engine> {
         throw std::runtime_error(file.string());
       }}};
  write_model(root.path(), "m", identity_config(), "junk");
  EXPECT_EQ(load(root, surprising)[0].fault, "its file cannot be opened");
}

TEST(ModelLoader, TheWarmupRunsOnEveryInstanceBeforeItServes) {
  const TemporaryFolder root;
  write_model(root.path(), "m",
              identity_config("instance_group { count: 3 } model_warmup { name: 'w' count: 2 "
                              "batch_size: 1 inputs { key: 'INPUT0' value { data_type: TYPE_FP32 "
                              "dims: 1 zero_data: true } } }"),
              "identity");
  struct Counting : Identity {
    explicit Counting(int& count) : runs(count) {}
    std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) override {
      ++runs;
      return Identity::run(inputs);
    }
    int& runs;
  };
  int runs = 0;
  const Engines engines = {{"pytorch", [&](const ModelConfig&, const std::filesystem::path&) {
                              return std::make_unique<Counting>(runs);
                            }}};
  EXPECT_TRUE(load(root, engines)[0].served);
  EXPECT_EQ(runs, 6);
}

TEST(ModelLoader, AWarmupThatFailsKeepsTheModelFromServing) {
  const TemporaryFolder root;
  write_model(root.path(), "m", identity_config("model_warmup { name: 'w' }"), "identity");
  const auto loaded = load(root, file_engines());
  EXPECT_FALSE(loaded[0].served);
  EXPECT_EQ(loaded[0].fault, "warm-up 'w' has no input 'INPUT0'");
}

}  // namespace
}  // namespace scrim
