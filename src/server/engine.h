// What runs a network for the server: one interface, so that the server itself knows none.
#pragma once

#include "protocol/message.h"
#include "repository/model_config.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace scrim {

// One instance of one version of a model: used by one thread at a time.
class Engine {
 public:
  virtual ~Engine() = default;

  // Inputs in the config's order, each of its datatype, with the batch dimension in front where
  // max_batch_size > 0, and already reshaped; absent optional ones are left out. The outputs, in
  // the config's order, own their bytes. Throws Error; the sentence reaches a client and so holds
  // no path, no address and no value.
  virtual std::vector<TensorMessage> run(const std::vector<TensorMessage>& inputs) = 0;
};

// Opens `file` as the config says. Throws Error in a sentence for a client, as above.
using EngineFactory = std::function<std::unique_ptr<Engine>(const ModelConfig& config,
                                                            const std::filesystem::path& file)>;

// Every backend that the server has, by the name in config.pbtxt ("pytorch").
using Engines = std::map<std::string, EngineFactory>;

}  // namespace scrim
