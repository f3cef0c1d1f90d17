#include "audit/html.h"

#include "base/base64.h"

#include <charconv>
#include <cmath>

namespace scrim {
namespace {

constexpr int kJpegQuality = 88;

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string figure(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  char text[400];  // a double has at most 309 digits before the point
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
  return {text, end.ptr};
}

std::string picture_tag(const Image& image, std::string_view alt) {
  return "<img alt=\"" + escaped(alt) + "\" src=\"data:image/jpeg;base64," +
         to_base64(encode_jpeg(image, kJpegQuality)) + "\">";
}

}  // namespace scrim
