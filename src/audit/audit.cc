#include <scrim/audit.h>

#include "audit/attribute.h"
#include "audit/capacity.h"
#include "audit/controls.h"
#include "audit/decoder_file.h"
#include "audit/decoder_training.h"
#include "audit/embedder.h"
#include "audit/material.h"
#include "audit/measure.h"
#include "audit/observations.h"
#include "audit/rebuild.h"
#include "audit/search.h"
#include "base/check.h"
#include "base/files.h"
#include "base/hash.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownAlphas = 3;
// What a search is measured on, to be quick and in full.
constexpr std::size_t kFewPeople = 6;
constexpr int kFewOfEach = 3, kFewPictures = 2, kSearchedInFull = 24;
constexpr const char* kNoNames =
    "attributes: the annotation does not tell faces apart by name (VOC does)";

// The study's attacker, and one that two cores train in minutes.
struct Effort {
  std::int64_t width, upper_width;
  int batch, window, steps, shallow_steps, reader_steps, shallow_reader_steps, search_steps;
  double rate, decay;
};
constexpr Effort kFull{320, 160, 24, 16, 20'000, 5'000, 4'000, 4'000, 400, 4e-4, 0.998};
constexpr Effort kQuick{96, 64, 12, 14, 800, 300, 1200, 700, 25, 1.5e-3, 0.99};
constexpr std::size_t kQuickAlphas = 6;

const std::vector<int> kDraws = {2, 4, 16, 64};

fs::path weights_of(const Release& release, const AuditOptions& options) {
  if (!options.weights.empty()) return options.weights;
  const fs::path own = release.folder() / "evidence" / "adapted.safetensors";
  return release.manifest().model == "faceboxes" && fs::exists(own) ? own : fs::path();
}

std::vector<Lesson> lessons_of(const std::vector<Scene>& scenes, bool shallow,
                               const std::vector<torch::Tensor>& embeddings) {
  std::vector<Lesson> lessons;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    Lesson lesson;
    lesson.activation = shallow ? &scenes[i].shallow : &scenes[i].activation;
    lesson.target = &scenes[i].target;
    lesson.alignment = scenes[i].alignment;
    if (i < embeddings.size()) lesson.embedding = embeddings[i];
    lessons.push_back(lesson);
  }
  return lessons;
}

class Auditor {
 public:
  Auditor(const Release& release, const AuditOptions& options)
      : release_(release),
        options_(options),
        effort_(effort_of(options)),
        observations_(release, options.seed) {
    if (options_.alphas.empty()) options_.alphas = chosen_alphas();
    std::sort(options_.alphas.begin(), options_.alphas.end());
    for (const double alpha : options_.alphas) alpha_place(release.noise(), alpha);
    result_.release_id = release.id();
  }

  AuditResult run(const Dataset& dataset) {
    const SceneMaker maker = open();
    time("view pictures", [&] { material_ = collect(maker, dataset, options_); });
    result_.dataset_digest = dataset.digest();
    result_.attacker_digest = material_.attacker_digest;
    result_.attacker_pictures = static_cast<std::int64_t>(material_.lessons.size());
    result_.audited_pictures = static_cast<std::int64_t>(material_.audited.size());
    for (const auto& reason : material_.skipped) result_.skipped.push_back(reason);
    time("capacity", [&] {
      result_.capacity = capacity_of(release_.noise(), options_.alphas, material_.audited);
    });
    prepare_people();
    attack_shallow_cut(maker);
    attack_release(maker);
    result_.controls = controls_of(result_.attacks);
    result_.valid = all_passed(result_.controls);
    return std::move(result_);
  }

 private:
  static Effort effort_of(const AuditOptions& options) {
    Effort effort = options.mode == AuditMode::kFull ? kFull : kQuick;
    if (options.decoder_steps > 0) effort.steps = effort.shallow_steps = options.decoder_steps;
    return effort;
  }

  // All of them; to be quick the lowest, the middle one and the highest.
  std::vector<double> chosen_alphas() const {
    const std::vector<double>& all = release_.noise().alphas;
    if (options_.mode == AuditMode::kFull || all.size() <= kQuickAlphas) return all;
    std::vector<double> chosen = {all.front(), all[(all.size() - 1) / 2]};
    chosen.insert(chosen.end(), all.end() - (kQuickAlphas - 2), all.end());
    return chosen;
  }

  SceneMaker open() {
    const fs::path weights = weights_of(release_, options_);
    if (!weights.empty()) result_.weights_sha256 = hex(sha256(read_file(weights)));
    return {release_, weights, options_.threads};
  }

  template <typename Work>
  double time(const std::string& stage, Work work) {
    if (options_.stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    result_.seconds.emplace_back(stage, taken.count());
    return taken.count();
  }

  void prepare_people() {
    if (options_.recogniser.empty() || options_.identities.empty()) {
      result_.skipped.emplace_back(
          "re-identification: needs a recogniser's weights and a folder of people");
      return;
    }
    recogniser_ = Recogniser::load(options_.recogniser);
    result_.recogniser_sha256 = hex(sha256(read_file(options_.recogniser)));
    if (material_.searched.empty() || material_.people_lessons.empty()) {
      result_.skipped.emplace_back("re-identification: no face was found in the people's pictures");
      return;
    }
    time("recognise clean faces", [&] {
      embeddings_ = clean_embeddings(*recogniser_, material_.people_lessons);
      gallery_.emplace(*recogniser_, material_.searched);
      result_.attacks.push_back(gallery_->of_pictures());
    });
  }

  Decoder train(DecoderShape shape, std::vector<Condition> conditions, bool shallow) {
    shape.width = effort_.width;
    shape.upper_width = effort_.upper_width;
    torch::manual_seed(options_.seed);
    Decoder decoder(shape, std::move(conditions));
    std::vector<Decoder::Example> examples;
    for (const auto* scenes : {&material_.lessons, &material_.people_lessons}) {
      for (const Scene& scene : *scenes) {
        examples.push_back({shallow ? &scene.shallow : &scene.activation, &scene.target});
      }
    }
    const std::string where = shallow ? "shallow control" : "release";
    time("fit linear attacker, " + where, [&] { decoder.fit_linear(examples, options_.seed); });
    DecoderTraining training;
    training.name = "train decoder, " + where;
    training.steps = shallow ? effort_.shallow_steps : effort_.steps;
    training.rate = effort_.rate;
    training.batch = effort_.batch;
    training.window = effort_.window;
    training.decay = effort_.decay;
    training.seed = options_.seed;
    training.progress = options_.progress;
    training.stop = options_.stop;
    const auto scenes = lessons_of(material_.lessons, shallow, {});
    const auto people = lessons_of(material_.people_lessons, shallow, embeddings_);
    training_seconds_ = time(training.name, [&] {
      train_decoder(decoder, scenes, people, recogniser_ ? &*recogniser_ : nullptr, training);
    });
    return decoder;
  }

  // Whom and what an attacker is measured on.
  struct Measuring {
    const std::vector<Scene>& pictures;
    const std::vector<Scene>& people;
    const std::optional<Gallery>& gallery;  // of the people
  };

  // The row of one attacker that rebuilds pictures; `pictures` get those of measuring.pictures.
  AttackRow attack(const std::string& attacker, const Decoder& decoder, const View& view,
                   const Rebuild& rebuild, const Measuring& measuring,
                   std::vector<Image>& pictures) {
    AttackRow row = row_of(attacker, decoder.conditions()[view.condition], view.shallow);
    const auto of = [&](const std::vector<Scene>& scenes) {
      return rebuilt(scenes, observations_.of(decoder, scenes, view), rebuild, options_.stop);
    };
    row.seconds = time("attack: " + name_of(row), [&] {
      pictures = of(measuring.pictures);
      measure_pictures(measuring.pictures, pictures, row);
      if (measuring.gallery) measuring.gallery->measure(of(measuring.people), row);
    });
    report(row);
    return row;
  }

  // A1.
  AttackRow ask_linear(const Decoder& decoder, const View& view) {
    const torch::NoGradGuard no_grad;
    const auto rebuild = [&](const torch::Tensor& observed) {
      return decoder.linear(observed, view.condition);
    };
    std::vector<Image> pictures;
    return attack("linear", decoder, view, rebuild,
                  {material_.audited, material_.searched, gallery_}, pictures);
  }

  // A2, and A3 where the condition is of several draws.
  AttackRow ask(Decoder& decoder, const View& view) {
    const torch::NoGradGuard no_grad;
    const bool averaged = decoder.conditions()[view.condition].draws > 1;
    const auto rebuild = [&](const torch::Tensor& observed) {
      return decoder.decode(observed, view.condition);
    };
    std::vector<Image> pictures;
    AttackRow row = attack(averaged ? "averaging" : "decoder", decoder, view, rebuild,
                           {material_.audited, material_.searched, gallery_}, pictures);
    row.seconds += training_seconds_;
    if (!view.shallow && !averaged) remember(row, pictures);
    return row;
  }

  // A4, on a few: one search takes as long as many pictures through a decoder.
  void attack_by_search(Decoder& decoder, const ActivationOf& activation_of, bool shallow) {
    const bool full = options_.mode == AuditMode::kFull;
    const auto pictures = few_of(material_.audited, full ? kSearchedInFull : kFewPictures);
    const auto people = full ? material_.searched : few_of(material_.searched, kFewOfEach);
    std::optional<Gallery> gallery;
    if (gallery_) gallery.emplace(*recogniser_, people);
    std::vector<Image> known;
    for (const Scene& scene : material_.lessons) known.push_back(scene.target);
    SearchOptions search{
        .steps = effort_.search_steps, .roughness = roughness_of(known), .stop = options_.stop};
    if (options_.decoder_steps > 0) search.steps = std::min(search.steps, options_.decoder_steps);
    for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
      const Condition& seen = decoder.conditions()[i];
      const bool chosen = full || seen.seen != Seen::kRelease || is_shown(seen.alpha);
      if (seen.draws > 1 || !chosen) continue;
      const auto rebuild = [&](const torch::Tensor& observed) {
        return search_pictures(decoder, activation_of, observed, i, search);
      };
      std::vector<Image> found;
      result_.attacks.push_back(attack("optimisation", decoder, {i, shallow}, rebuild,
                                       {pictures, people, gallery}, found));
    }
  }

  // The first pictures of each of the first few people; pictures without people count as one's.
  static std::vector<Scene> few_of(const std::vector<Scene>& scenes, int of_each) {
    std::map<int, int> taken;
    std::vector<Scene> few;
    for (const Scene& scene : scenes) {
      if (!taken.contains(scene.person) && taken.size() >= kFewPeople) continue;
      if (++taken[scene.person] <= of_each) few.push_back(scene);
    }
    return few;
  }

  static AttackRow row_of(const std::string& attacker, const Condition& seen, bool shallow) {
    AttackRow row;
    row.attacker = attacker;
    row.seen = shallow ? Seen::kShallow : seen.seen;
    row.draws = seen.draws;
    if (row.seen == Seen::kRelease) {
      row.alpha = seen.alpha;
      row.alpha_after_draws = seen.alpha_after;
    }
    return row;
  }

  static std::string name_of(const AttackRow& row) {
    static constexpr const char* kSeen[] = {"release", "no noise", "noise alone", "shallow cut",
                                            "pictures"};
    std::ostringstream out;
    out << row.attacker << ", " << kSeen[static_cast<int>(row.seen)];
    if (row.seen == Seen::kRelease) out << " at " << row.alpha;
    if (row.draws > 1) out << ", " << row.draws << " draws";
    return out.str();
  }

  void report(const AttackRow& row) const {
    if (!options_.progress) return;
    std::ostringstream note;
    note.precision(3);
    const char* between = "";
    const auto add = [&](bool measured, const char* name, const Measured& figure) {
      if (!measured) return;
      note << between << name << " " << figure.value;
      between = ", ";
    };
    add(row.pictures > 0, "unexplained", row.unexplained_variance);
    add(row.people > 0, "rank-1", row.rank1);
    add(row.people > 0, "AUC", row.auc);
    add(!row.attribute.empty(), "guessed right", row.accuracy);
    options_.progress({name_of(row), 1, 1, note.str()});
  }

  // Of an embedding or an attribute.
  ReaderTraining reading(const std::string& what, bool shallow) const {
    const int steps = shallow ? effort_.shallow_reader_steps : effort_.reader_steps;
    return {.name = "train " + what + (shallow ? ", shallow control" : ", release"),
            .steps = options_.decoder_steps > 0 ? options_.decoder_steps : steps,
            .seed = options_.seed,
            .progress = options_.progress,
            .stop = options_.stop};
  }

  // A row for each condition of one draw: of an attacker that reads cells and rebuilds nothing.
  // fill(condition, row) measures.
  template <typename Fill>
  void attack_by_reading(const std::string& attacker, const Decoder& decoder, bool shallow,
                         double training_seconds, const Fill& fill) {
    for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
      if (decoder.conditions()[i].draws > 1) continue;
      AttackRow row = row_of(attacker, decoder.conditions()[i], shallow);
      row.seconds = training_seconds + time("attack: " + name_of(row), [&] { fill(i, row); });
      report(row);
      result_.attacks.push_back(row);
    }
  }

  // A6b: names people straight from what crosses the cut; the attacker's gallery is their clean
  // activations.
  void attack_by_embedding(const Decoder& decoder, bool shallow) {
    if (!gallery_) return;
    Embedder embedder(decoder, shallow);
    const ReaderTraining training = reading("embedding", shallow);
    const double trained =
        time(training.name, [&] { embedder.train(material_.people_lessons, training); });
    const auto& people = material_.searched;
    const auto embedded = [&](std::size_t condition) {
      return embedder.embed(people, observations_.of(decoder, people, {condition, shallow}),
                            condition);
    };
    const auto gallery = embedded(0);
    attack_by_reading("embedding", decoder, shallow, trained, [&](std::size_t i, AttackRow& row) {
      Gallery::measure(embedded(i), gallery, people, row);
    });
  }

  // A7: guesses what the annotation calls a face.
  void attack_by_names(const Decoder& decoder, bool shallow) {
    const auto names = guessable_names(material_.lessons, material_.audited);
    if (names.empty()) {
      if (shallow) result_.skipped.emplace_back(kNoNames);
      return;
    }
    NameGuesser guesser(decoder, shallow, names);
    const ReaderTraining training = reading("attribute", shallow);
    const double trained = time(training.name, [&] { guesser.train(material_.lessons, training); });
    const auto& scenes = material_.audited;
    attack_by_reading("attribute", decoder, shallow, trained, [&](std::size_t i, AttackRow& row) {
      guesser.measure(scenes, observations_.of(decoder, scenes, {i, shallow}), i, row);
    });
  }

  // Keeps the reconstructions of the pictures that are shown.
  void remember(const AttackRow& row, const std::vector<Image>& pictures) {
    std::size_t example = 0;
    for (std::size_t i = 0; i < material_.audited.size(); ++i) {
      const Scene& scene = material_.audited[i];
      if (scene.picture.pixels.empty()) continue;
      if (result_.examples.size() <= example) {
        result_.examples.push_back({scene.name, scene.picture, {}, {}});
      }
      AuditExample& shown = result_.examples[example++];
      if (row.seen == Seen::kNoNoise) shown.from_no_noise = pictures[i];
      if (row.seen == Seen::kRelease && is_shown(row.alpha)) {
        shown.from_noisy.emplace_back(row.alpha, pictures[i]);
      }
    }
  }

  // The lowest, the highest and the one in the middle.
  bool is_shown(double alpha) const {
    const auto& all = options_.alphas;
    if (all.size() <= kShownAlphas) return true;
    return alpha == all.front() || alpha == all.back() || alpha == all[all.size() / 2];
  }

  void attack_shallow_cut(const SceneMaker& maker) {
    DecoderShape shape;
    shape.channels = material_.lessons.front().shallow.shape[1];
    shape.block = maker.shallow_block();
    Decoder decoder = train(shape, {without_noise(shape.channels)}, true);
    result_.attacks.push_back(ask_linear(decoder, {.shallow = true}));
    result_.attacks.push_back(ask(decoder, {.shallow = true}));
    const auto activation_of =
        shallow_activation(weights_of(release_, options_), release_.manifest().input);
    attack_by_search(decoder, activation_of, true);
    attack_by_embedding(decoder, true);
    attack_by_names(decoder, true);
    for (auto* scenes :
         {&material_.lessons, &material_.audited, &material_.people_lessons, &material_.searched}) {
      for (Scene& scene : *scenes) scene.shallow = {};
    }
  }

  void attack_release(const SceneMaker& maker) {
    const NoiseParameters& noise = release_.noise();
    DecoderShape shape;
    shape.channels = noise.directions;
    shape.block = maker.block();
    shape.clip = noise.clip;
    // Averages are attacked where the release protects most; all of them in full.
    std::vector<Condition> conditions = conditions_of(noise, options_.alphas, kDraws);
    const double highest = options_.alphas.back();
    Decoder decoder = train(shape, conditions, false);
    result_.decoder = format_decoder(decoder, release_.id());
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      const bool averaged = conditions[i].draws > 1;
      if (averaged && options_.mode == AuditMode::kQuick && conditions[i].alpha != highest) {
        continue;
      }
      if (!averaged) result_.attacks.push_back(ask_linear(decoder, {i}));
      result_.attacks.push_back(ask(decoder, {i}));
    }
    attack_by_search(decoder, activation_of_release(release_), false);
    attack_by_embedding(decoder, false);
    attack_by_names(decoder, false);
  }

  const Release& release_;
  AuditOptions options_;
  Effort effort_;
  Observations observations_;
  AuditResult result_;
  Material material_;
  std::optional<Recogniser> recogniser_;
  std::optional<Gallery> gallery_;
  std::vector<torch::Tensor> embeddings_;
  double training_seconds_ = 0;
};

}  // namespace

void AuditOptions::validate() const {
  for (const double alpha : alphas) {
    check(alpha > 0 && alpha < 1, "alphas must be in (0, 1), got ", alpha);
  }
  check(identity_scale > 0 && identity_scale <= 16, "identity_scale must be in (0, 16], got ",
        identity_scale);
  check(pictures >= 0, "pictures must be at least 0, got ", pictures);
  check(decoder_steps >= 0, "decoder_steps must be at least 0, got ", decoder_steps);
  check(examples >= 0, "examples must be at least 0, got ", examples);
  check(threads >= 1, "threads must be at least 1, got ", threads);
}

AuditResult audit(const Release& release, const Dataset& dataset, const AuditOptions& options) {
  options.validate();
  at::set_num_threads(options.threads);
  return Auditor(release, options).run(dataset);
}

}  // namespace scrim
