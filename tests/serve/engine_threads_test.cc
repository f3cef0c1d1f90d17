#include "serve/engine_threads.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(EngineThreads, AreOneUnlessTheConfigSaysOtherwise) {
  ModelConfig config;
  config.name = "m";
  EXPECT_EQ(engine_threads(config, "N"), 1);
  config.parameters["N"] = "1024";
  EXPECT_EQ(engine_threads(config, "N"), 1024);
  for (const char* text : {"0", "1025", "", "2x", "-1"}) {
    config.parameters["N"] = text;
    expect_error(ErrorCode::kInvalidArgument, "parameter N of model 'm'",
                 [&] { engine_threads(config, "N"); });
  }
}

}  // namespace
}  // namespace scrim
