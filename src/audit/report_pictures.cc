#include "audit/report_pictures.h"

#include "audit/html.h"
#include "audit/page.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace scrim {
namespace {

// A page of a dozen pictures in five states stays far below 5 MB.
constexpr int kWidest = 480;
constexpr std::size_t kFew = 4;  // panels that stand two by two, larger

Image shown(const Image& image) {
  if (image.width <= kWidest) return image;
  const cv::Mat pixels(image.height, image.width, CV_8UC3,
                       const_cast<std::uint8_t*>(image.pixels.data()));
  const int height = std::max(1, image.height * kWidest / image.width);
  cv::Mat small;
  cv::resize(pixels, small, {kWidest, height}, 0, 0, cv::INTER_AREA);
  return {small.cols, small.rows, {small.datastart, small.dataend}};
}

std::string panel(const ReportPanel& p) {
  if (p.image.pixels.empty()) return {};
  return "<figure>" + picture_tag(shown(p.image), p.caption) + "<figcaption>" + escaped(p.caption) +
         "</figcaption></figure>\n";
}

}  // namespace

std::vector<ReportPicture> report_pictures(const AuditResult& audit) {
  std::vector<ReportPicture> pictures;
  for (const AuditExample& example : audit.examples) {
    ReportPicture picture{example.name, {}};
    picture.panels.push_back({"the picture", example.input});
    picture.panels.push_back({"rebuilt, no noise", example.from_no_noise});
    for (const auto& [alpha, image] : example.from_noisy) {
      picture.panels.push_back({"rebuilt, alpha " + alpha_text(alpha), image});
    }
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

std::string picture_rows(const std::vector<ReportPicture>& pictures) {
  std::string out;
  for (const ReportPicture& picture : pictures) {
    out += std::string("<div class=\"pictures") + (picture.panels.size() <= kFew ? " few" : "") +
           "\"><h3>" + escaped(picture.name) + "</h3>\n";
    for (const ReportPanel& p : picture.panels) out += panel(p);
    out += "</div>\n";
  }
  return out;
}

}  // namespace scrim
