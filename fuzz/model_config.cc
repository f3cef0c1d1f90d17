// A model's config as text, and as the JSON of a load request; what is taken comes back the same.
#include "repository/model_config.h"
#include "refusals.h"

using namespace scrim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(data, size);
  takes([&] {
    const ModelConfig config = parse_model_config(text, "m");
    const ModelConfig again = parse_model_config_json(config.json, "m");
    must(again.json == config.json, "a config");
  });
  takes([&] { parse_model_config_json(text, "m"); });
  return 0;
}
