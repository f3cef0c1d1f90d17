#include "audit/material.h"

#include "base/check.h"
#include "base/hash.h"

#include <algorithm>
#include <set>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr int kEveryOther = 2;

// At most `most` of the items, evenly spread.
template <typename T>
std::vector<T> spread(const std::vector<T>& items, std::size_t most) {
  if (items.size() <= most) return items;
  std::vector<T> chosen;
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(items[i * items.size() / most]);
  return chosen;
}

struct Sides {
  std::vector<Sample> lessons, audited;
  std::string digest;
};

fs::path true_path(const fs::path& path) {
  std::error_code error;
  const fs::path found = fs::weakly_canonical(path, error);
  return error ? path : found;
}

Sides sides_of(const Dataset& dataset, const AuditOptions& options) {
  Sides sides;
  if (options.attacker_datasets.empty()) {
    const std::vector<Sample>& all = dataset.samples();
    check(all.size() >= kEveryOther, "an audit needs at least two pictures, got ", all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      (i % kEveryOther == 0 ? sides.lessons : sides.audited).push_back(all[i]);
    }
    sides.digest = dataset.digest();
    return sides;
  }
  std::set<fs::path> measured;
  for (const Sample& sample : dataset.samples()) measured.insert(true_path(sample.path));
  std::string digests;
  for (const Dataset& taught : options.attacker_datasets) {
    for (const Sample& sample : taught.samples()) {
      check(!measured.contains(true_path(sample.path)), "the picture ", sample.path.string(),
            " would teach the attackers and be measured");
      sides.lessons.push_back(sample);
    }
    digests += taught.digest();
  }
  sides.audited = dataset.samples();
  sides.digest =
      options.attacker_datasets.size() == 1 ? digests : hex(sha256(std::string_view(digests)));
  return sides;
}

// Counts what is done and stops when told to.
class Steps {
 public:
  Steps(const AuditOptions& options, std::string stage, std::size_t total)
      : options_(options), stage_(std::move(stage)), total_(static_cast<std::int64_t>(total)) {}
  void next() {
    if (options_.stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
    ++done_;
    if (options_.progress) options_.progress({stage_, done_, total_, {}});
  }

 private:
  const AuditOptions& options_;
  std::string stage_;
  std::int64_t done_ = 0, total_;
};

std::vector<Scene> scenes_of(const SceneMaker& maker, const std::vector<Sample>& samples,
                             const std::string& stage, const AuditOptions& options,
                             std::vector<std::string>& skipped) {
  std::vector<Scene> scenes;
  Steps steps(options, stage, samples.size());
  for (const Sample& sample : samples) {
    steps.next();
    try {
      const Image picture = read_image(sample.path);
      scenes.push_back(maker.of_picture(picture, sample.name, sample.faces, maker.scale()));
      scenes.back().face_names = sample.face_names;
    } catch (const Error& error) {
      skipped.push_back(sample.name + ": " + error.what());
    }
  }
  if (scenes.empty()) {
    fail(ErrorCode::kNotFound, "no picture could be used to ", stage, ": ",
         skipped.empty() ? "there is none" : skipped.front());
  }
  return scenes;
}

struct Portrait {
  std::string name;
  Image picture;
  Box box;
  int person;
};

std::vector<Portrait> portraits_of(const SceneMaker& maker, const std::vector<Person>& people,
                                   const AuditOptions& options, std::vector<std::string>& skipped) {
  std::vector<Portrait> portraits;
  Steps steps(options, "find the people's faces", people.size());
  for (std::size_t person = 0; person < people.size(); ++person) {
    steps.next();
    for (const fs::path& path : people[person].pictures) {
      const std::string name = people[person].name + "/" + path.filename().string();
      try {
        const Image picture = read_image(path);
        if (const auto box = maker.find_face(picture)) {
          portraits.push_back({name, picture, *box, static_cast<int>(person)});
        } else {
          skipped.push_back(name + ": no face found");
        }
      } catch (const Error& error) {
        skipped.push_back(name + ": " + error.what());
      }
    }
  }
  return portraits;
}

Scene person_scene(const SceneMaker& maker, const Image& picture, const Similarity& alignment,
                   const Portrait& portrait, double scale) {
  Scene scene = maker.of_picture(picture, portrait.name, {}, scale);
  scene.picture = picture;
  scene.person = portrait.person;
  scene.picture_alignment = alignment;
  scene.alignment = on_target(alignment, scale);
  return scene;
}

void collect_people(const SceneMaker& maker, const AuditOptions& options, Material& material) {
  const People people = read_people(options.identities);
  const int views = limits_of(options).views;
  const auto teachers = portraits_of(maker, people.attackers, options, material.skipped);
  const auto wanted = portraits_of(maker, people.searched, options, material.skipped);
  Steps steps(options, "view the people", teachers.size() + wanted.size());
  std::uint64_t index = 0;
  for (const Portrait& portrait : teachers) {
    steps.next();
    for (int view = 0; view < views; ++view) {
      const FaceView seen = face_view(portrait.picture, portrait.box, options.seed, index++);
      material.people_lessons.push_back(
          person_scene(maker, seen.picture, seen.alignment, portrait, options.identity_scale));
    }
  }
  for (const Portrait& portrait : wanted) {
    steps.next();
    material.searched.push_back(person_scene(maker, portrait.picture,
                                             template_to_picture(portrait.box), portrait,
                                             options.identity_scale));
  }
}

}  // namespace

MaterialLimits limits_of(const AuditOptions& options) {
  MaterialLimits limits;
  if (options.mode == AuditMode::kFull) limits = {100'000, 100'000, 24};
  if (options.pictures > 0) limits.audited = static_cast<std::size_t>(options.pictures);
  return limits;
}

Material collect(const SceneMaker& maker, const Dataset& dataset, const AuditOptions& options) {
  const MaterialLimits limits = limits_of(options);
  const Sides sides = sides_of(dataset, options);
  Material material;
  material.attacker_digest = sides.digest;
  material.lessons = scenes_of(maker, spread(sides.lessons, limits.lessons),
                               "view the attackers' pictures", options, material.skipped);
  material.audited = scenes_of(maker, spread(sides.audited, limits.audited),
                               "view the audited pictures", options, material.skipped);
  const auto shown =
      std::min(static_cast<std::size_t>(std::max(0, options.examples)), material.audited.size());
  for (std::size_t i = 0; i < shown; ++i) {
    Scene& scene = material.audited[i * material.audited.size() / shown];
    for (const Sample& sample : sides.audited) {
      if (sample.name == scene.name) scene.picture = read_image(sample.path);
    }
  }
  if (!options.identities.empty()) collect_people(maker, options, material);
  return material;
}

}  // namespace scrim
