// A release's manifest: what is taken has one spelling.
#include "release/manifest.h"
#include "refusals.h"

using namespace scrim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(data, size);
  takes([&] {
    const Manifest manifest = parse_manifest(text);
    must(format_manifest(manifest) == text, "a manifest");
    check_manifest(manifest);
  });
  return 0;
}
