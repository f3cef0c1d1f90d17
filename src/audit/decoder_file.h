// A trained decoder as a file, so that pictures are rebuilt without training it again.
#pragma once

#include "audit/decoder.h"

#include <scrim/release.h>

#include <string>
#include <string_view>

namespace scrim {

// The bytes of decoder.safetensors, as docs/formats/audit.md lists them: the conditions without
// noise and with one draw of a release's noise. The same decoder gives the same bytes.
std::string format_decoder(const Decoder& decoder, const std::string& release_id);

// The decoder of those bytes, with conditions for no noise and then each alpha of the file. `what`
// names them. Throws kCorrupt on anything but a whole decoder, kRefused on another release's.
Decoder parse_decoder(std::string_view bytes, const Release& release, const std::string& what);

}  // namespace scrim
