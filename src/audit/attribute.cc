#include "audit/attribute.h"

#include "audit/targets.h"
#include "base/check.h"
#include "base/text.h"

#include <torch/types.h>

#include <algorithm>
#include <limits>
#include <map>

namespace scrim {
namespace {

constexpr int kFewestLessons = 20, kFewestAudited = 8;
constexpr float kLowestFace = 2 * kTargetBlock;  // pixels of the target

bool is_shown(const Scene& scene, std::size_t face) {
  return face < scene.face_names.size() && scene.faces[face].height() >= kLowestFace;
}

std::map<std::string, int> names_in(const std::vector<Scene>& scenes) {
  std::map<std::string, int> counts;
  for (const Scene& scene : scenes) {
    for (std::size_t i = 0; i < scene.faces.size(); ++i) {
      if (is_shown(scene, i)) ++counts[scene.face_names[i]];
    }
  }
  return counts;
}

// Calls use(scene's index, face's index, name's place) for each face with one of the names.
template <typename Use>
void for_each_named(const std::vector<Scene>& scenes, const std::vector<std::string>& names,
                    const Use& use) {
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    for (std::size_t face = 0; face < scenes[i].faces.size(); ++face) {
      if (!is_shown(scenes[i], face)) continue;
      const auto found = std::find(names.begin(), names.end(), scenes[i].face_names[face]);
      if (found != names.end()) use(i, face, static_cast<int>(found - names.begin()));
    }
  }
}

}  // namespace

std::vector<std::string> guessable_names(const std::vector<Scene>& lessons,
                                         const std::vector<Scene>& audited) {
  const auto taught = names_in(lessons);
  std::vector<std::string> names;
  for (const auto& [name, count] : names_in(audited)) {
    const auto found = taught.find(name);
    const bool often = found != taught.end() && found->second >= kFewestLessons;
    if (often && count >= kFewestAudited && !name.empty()) names.push_back(name);
  }
  if (names.size() < 2) names.clear();
  return names;
}

NameGuesser::NameGuesser(const Decoder& observer, bool shallow, std::vector<std::string> names)
    : names_(std::move(names)),
      shallow_(shallow),
      reader_(observer, static_cast<std::int64_t>(names_.size())) {
  check(names_.size() >= 2, "there must be two names or more to guess, got ", names_.size());
}

void NameGuesser::train(const std::vector<Scene>& lessons, const ReaderTraining& options) {
  std::vector<FaceInView> faces;
  for_each_named(lessons, names_, [&](std::size_t i, std::size_t face, int name) {
    const Scene& scene = lessons[i];
    faces.push_back({shallow_ ? &scene.shallow : &scene.activation,
                     template_to_picture(scene.faces[face]), name});
  });
  const auto loss = [](const torch::Tensor& outputs, const torch::Tensor& shown) {
    return torch::cross_entropy_loss(outputs, shown);
  };
  reader_.train(faces, loss, {}, options);
}

void NameGuesser::measure(const std::vector<Scene>& scenes,
                          const std::vector<torch::Tensor>& observed, std::size_t condition,
                          AttackRow& row) {
  check(scenes.size() == observed.size(), "an observation of each scene is needed");
  Guesses guesses;
  std::vector<FaceReader::Observed> faces;
  for_each_named(scenes, names_, [&](std::size_t i, std::size_t face, int name) {
    faces.push_back({observed[i], template_to_picture(scenes[i].faces[face])});
    guesses.truth.push_back(name);
    guesses.picture.push_back(static_cast<int>(i));
  });
  const auto guessed = reader_.read(faces, condition).argmax(1);
  for (std::int64_t i = 0; i < guessed.numel(); ++i) {
    guesses.guess.push_back(static_cast<int>(guessed[i].item<std::int64_t>()));
  }
  row.attribute = joined(names_, " or ");
  row.accuracy = balanced_accuracy(guesses);
  row.accuracy_chance = 1.0 / static_cast<double>(names_.size());
}

Measured balanced_accuracy(const Guesses& guesses, const Resampling& options) {
  const std::size_t count = guesses.truth.size();
  check(guesses.guess.size() == count && guesses.picture.size() == count,
        "each guess needs its truth and its picture");
  const auto statistic = [&](std::span<const double> weights) {
    std::map<int, std::pair<double, double>> shares;  // right, all
    for (std::size_t i = 0; i < count; ++i) {
      auto& [right, all] = shares[guesses.truth[i]];
      if (guesses.guess[i] == guesses.truth[i]) right += weights[i];
      all += weights[i];
    }
    double sum = 0;
    for (const auto& [truth, share] : shares) {
      if (share.second == 0) return std::numeric_limits<double>::quiet_NaN();
      sum += share.first / share.second;
    }
    return sum / static_cast<double>(shares.size());
  };
  return estimate_by_group(guesses.picture, statistic, options);
}

}  // namespace scrim
