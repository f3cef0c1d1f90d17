#include "serve/engine_threads.h"

#include "base/check.h"

#include <charconv>

namespace scrim {

int engine_threads(const ModelConfig& config, const std::string& key) {
  const auto parameter = config.parameters.find(key);
  if (parameter == config.parameters.end()) return 1;
  const std::string& text = parameter->second;
  int threads = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
  check(error == std::errc() && end == text.data() + text.size() && threads >= 1 && threads <= 1024,
        "parameter ", key, " of model '", config.name, "' is '", text,
        "', not a number from 1 to 1024");
  return threads;
}

}  // namespace scrim
