// Pieces of an HTML page: escaped text, figures, pictures within the page.
#pragma once

#include <scrim/dataset.h>

#include <string>
#include <string_view>

namespace scrim {

// The text with &, <, >, " and ' written as references: safe in content and in quoted attributes.
std::string escaped(std::string_view text);

// The number with that many decimals, whatever the locale; "-" if it is not finite.
std::string figure(double value, int decimals);

// <img> with the picture inside as a JPEG; `alt` is escaped here.
std::string picture_tag(const Image& image, std::string_view alt);

}  // namespace scrim
