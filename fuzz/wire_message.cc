// The header of a noisy activation in a message.
#include "refusals.h"
#include "release/wire_layout.h"

using namespace scrim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = text_of(data, size);
  takes([&] {
    const WireHeader header = parse_wire_header(bytes);
    must(format_wire_header(header) == bytes.substr(0, kWireHeaderBytes), "a header");
  });
  return 0;
}
