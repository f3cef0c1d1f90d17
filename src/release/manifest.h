// manifest.json: what a release says of itself, in exactly one spelling.
#pragma once

#include <scrim/release.h>

#include <string>
#include <string_view>

namespace scrim {

// Throws kInvalidArgument, naming the field, unless the manifest makes sense by itself.
void check_manifest(const Manifest& manifest);

// The one text of a manifest. docs/formats/release.md describes it.
std::string format_manifest(const Manifest& manifest);

// Throws kCorrupt unless `text` is just what format_manifest writes and the id is right, and
// kUnsupported for a newer format.
Manifest parse_manifest(std::string_view text);

// SHA-256, hexadecimal, of the text with `release_id` and `created` empty. The text lists the hash
// of every part, so that the id stands for all but the time of writing.
std::string release_id_of(Manifest manifest);

// True for a name that evidence may have: letters, digits, '-', '_', '.', no dot in front.
bool is_plain_name(std::string_view name);

}  // namespace scrim
