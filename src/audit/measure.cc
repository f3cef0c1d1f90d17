#include "audit/measure.h"

#include "audit/identity_figures.h"
#include "audit/picture_figures.h"
#include "base/check.h"

#include <torch/types.h>

#include <array>
#include <set>

namespace scrim {
namespace {

constexpr std::size_t kFacesAtOnce = 32;
constexpr int kSmallestForSsim = 11;

using MeanColour = std::array<double, 3>;

double variance_of(const SquaredError& sums, const MeanColour& mean) {
  double variance = sums.square;
  for (std::size_t c = 0; c < 3; ++c) {
    variance += mean[c] * (mean[c] * sums.pixels - 2 * sums.sum[c]);
  }
  return variance;
}

MeanColour mean_colour(const std::vector<SquaredError>& pictures) {
  SquaredError all;
  for (const SquaredError& one : pictures) all += one;
  MeanColour mean{};
  for (std::size_t c = 0; c < 3; ++c) mean[c] = all.sum[c] / all.pixels;
  return mean;
}

// The features of many faces, a few at a time.
template <typename Features>
torch::Tensor in_parts(const std::vector<torch::Tensor>& faces, Features features) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (std::size_t first = 0; first < faces.size(); first += kFacesAtOnce) {
    const std::size_t end = std::min(faces.size(), first + kFacesAtOnce);
    parts.push_back(features(
        torch::cat(std::vector<torch::Tensor>(faces.begin() + static_cast<std::ptrdiff_t>(first),
                                              faces.begin() + static_cast<std::ptrdiff_t>(end)))));
  }
  return torch::cat(parts);
}

torch::Tensor face_of(const Image& image, const Similarity& alignment) {
  return Recogniser::aligned(to_levels(to_units(image)), alignment);
}

}  // namespace

void measure_pictures(const std::vector<Scene>& scenes, const std::vector<Image>& reconstructions,
                      AttackRow& row) {
  check(scenes.size() == reconstructions.size(), "as many reconstructions as pictures are needed");
  std::vector<SquaredError> whole, faces;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    whole.push_back(squared_error(scenes[i].target, reconstructions[i]));
    faces.push_back(squared_error(scenes[i].target, reconstructions[i], scenes[i].faces));
  }
  const MeanColour mean = mean_colour(whole);
  std::vector<double> error, variance, face_error, face_variance, psnrs, ssims;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const Image& target = scenes[i].target;
    PictureFigures figures;
    figures.name = scenes[i].name;
    figures.error = whole[i].error;
    figures.variance = variance_of(whole[i], mean);
    figures.face_error = faces[i].error;
    figures.face_variance = variance_of(faces[i], mean);
    figures.psnr = psnr(target, reconstructions[i]);
    const bool large = target.width >= kSmallestForSsim && target.height >= kSmallestForSsim;
    figures.ssim =
        large ? ssim(target, reconstructions[i]) : std::numeric_limits<double>::quiet_NaN();
    error.push_back(figures.error);
    variance.push_back(figures.variance);
    face_error.push_back(figures.face_error);
    face_variance.push_back(figures.face_variance);
    psnrs.push_back(figures.psnr);
    ssims.push_back(figures.ssim);
    row.per_picture.push_back(figures);
  }
  row.pictures = static_cast<std::int64_t>(scenes.size());
  row.unexplained_variance = ratio_estimate(error, variance);
  row.unexplained_in_faces = ratio_estimate(face_error, face_variance);
  row.psnr = mean_estimate(psnrs);
  row.ssim = mean_estimate(ssims);
}

Gallery::Gallery(const Recogniser& recogniser, const std::vector<Scene>& searched)
    : recogniser_(recogniser), searched_(searched) {
  std::vector<torch::Tensor> faces;
  for (const Scene& scene : searched) {
    faces.push_back(face_of(scene.picture, scene.picture_alignment.value()));
  }
  features_ = in_parts(faces, [&](const auto& part) { return recogniser.features(part); });
}

AttackRow Gallery::of_pictures() const {
  AttackRow row;
  row.attacker = "recogniser";
  row.seen = Seen::kPictures;
  measure(features_, features_, searched_, row);
  return row;
}

void Gallery::measure(const std::vector<Image>& reconstructions, AttackRow& row) const {
  check(reconstructions.size() == searched_.size(), "a reconstruction of each picture is needed");
  std::vector<torch::Tensor> faces;
  for (std::size_t i = 0; i < searched_.size(); ++i) {
    faces.push_back(face_of(reconstructions[i], searched_[i].alignment.value()));
  }
  const auto probes = in_parts(faces, [&](const auto& part) { return recogniser_.features(part); });
  measure(probes, features_, searched_, row);
}

void Gallery::measure(const torch::Tensor& probes, const torch::Tensor& gallery,
                      const std::vector<Scene>& searched, AttackRow& row) {
  Matching matching;
  std::set<int> people;
  for (const Scene& scene : searched) {
    matching.probe_person.push_back(scene.person);
    people.insert(scene.person);
  }
  matching.gallery_person = matching.probe_person;
  const auto similarity = (probes.unsqueeze(1) * gallery.unsqueeze(0)).sum(2).contiguous();
  const float* values = similarity.data_ptr<float>();
  matching.similarity.assign(values, values + similarity.numel());
  row.rank1 = rank1(matching);
  row.auc = verification_auc(matching, {.draws = 300});
  row.rank1_chance = rank1_chance(matching);
  row.people = static_cast<std::int64_t>(people.size());
  row.identity_pictures = static_cast<std::int64_t>(searched.size());
  row.matches = {std::move(matching.probe_person), std::move(matching.similarity)};
}

std::vector<torch::Tensor> clean_embeddings(const Recogniser& recogniser,
                                            const std::vector<Scene>& views) {
  std::vector<torch::Tensor> faces;
  for (const Scene& view : views) {
    faces.push_back(face_of(view.picture, view.picture_alignment.value()));
  }
  const auto all = in_parts(faces, [&](const auto& part) { return recogniser.embeddings(part); });
  return all.split(1);
}

}  // namespace scrim
