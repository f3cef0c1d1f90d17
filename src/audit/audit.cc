#include <scrim/audit.h>

#include "audit/capacity.h"
#include "audit/controls.h"
#include "audit/decoder_file.h"
#include "audit/decoder_training.h"
#include "audit/embedder.h"
#include "audit/material.h"
#include "audit/measure.h"
#include "base/check.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/random.h"

#include <scrim/noise.h>

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kKeyPurpose = 61, kMeasurePurpose = 62;
constexpr std::size_t kShownAlphas = 3;
constexpr std::size_t kAtOnce = 8;  // pictures of one size through a decoder

// The study's attacker, and one that two cores train in minutes.
struct Effort {
  std::int64_t width, upper_width;
  int batch, window, steps, shallow_steps, embedder_steps;
  double rate, decay;
};
constexpr Effort kFull{320, 160, 24, 16, 20'000, 5'000, 4'000, 4e-4, 0.998};
constexpr Effort kQuick{96, 64, 12, 14, 1000, 800, 1200, 1.5e-3, 0.99};
constexpr std::size_t kQuickAlphas = 6;

const std::vector<int> kDraws = {2, 4, 16, 64};

Key key_of(std::uint64_t seed) {
  Random random(seed, kKeyPurpose, 0);
  std::array<std::uint8_t, Key::kBytes> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.bits() & 0xFF);
  return Key::from_bytes(bytes);
}

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

// What is asked of a decoder, and how its input is made.
struct Question {
  bool shallow = false;
  bool linear = false;
  std::size_t condition = 0;
};

class Auditor {
 public:
  Auditor(const Release& release, const AuditOptions& options)
      : release_(release), options_(options), effort_(effort_of(options)) {
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

  torch::Tensor observation(const Decoder& decoder, const Scene& scene, const Question& question,
                            const std::optional<Noise>& noise) const {
    if (question.shallow) return decoder.observe(view_of_activation(scene.shallow), 0);
    const auto drawn = [&] {
      return decoder.observe(view_of_activation(scene.activation), question.condition);
    };
    if (!noise) return drawn();
    try {  // the release's own noise, as it would leave
      const NoisyActivation noisy = (*noise)(Activation{scene.activation, {}});
      return decoder.scaled(view_of_activation(noisy.tensor()), question.condition);
    } catch (const Error& error) {
      // Portraits may be smaller than any calibrated picture. They are attacked all the same, under
      // noise of the same parameters.
      if (error.code() != ErrorCode::kRefused) throw;
      return drawn();
    }
  }

  // What the question's condition gives of every scene.
  std::vector<torch::Tensor> observations(const Decoder& decoder, const std::vector<Scene>& scenes,
                                          const Question& question) const {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(Random(options_.seed, kMeasurePurpose, question.condition).bits());
    const Condition& seen = decoder.conditions()[question.condition];
    std::optional<Noise> noise;
    if (!question.shallow && seen.seen == Seen::kRelease && seen.draws == 1) {
      noise.emplace(release_, key_of(options_.seed), NoiseOptions{.alpha = seen.alpha});
    }
    std::vector<torch::Tensor> observed;
    for (const Scene& scene : scenes) {
      observed.push_back(observation(decoder, scene, question, noise));
    }
    return observed;
  }

  std::vector<Image> reconstructions(Decoder& decoder, const std::vector<Scene>& scenes,
                                     const Question& question) const {
    const torch::NoGradGuard no_grad;
    const auto observed = observations(decoder, scenes, question);
    std::vector<Image> pictures;
    for (std::size_t first = 0, end = 0; first < scenes.size(); first = end) {
      if (options_.stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
      while (end < scenes.size() && end - first < kAtOnce &&
             observed[end].sizes() == observed[first].sizes()) {
        ++end;
      }
      const auto seen = torch::cat(
          std::vector<torch::Tensor>(observed.begin() + static_cast<std::ptrdiff_t>(first),
                                     observed.begin() + static_cast<std::ptrdiff_t>(end)));
      const auto units = question.linear ? decoder.linear(seen, question.condition)
                                         : decoder.decode(seen, question.condition);
      for (std::size_t i = first; i < end; ++i) {
        const Image& target = scenes[i].target;
        const auto one = units.narrow(0, static_cast<std::int64_t>(i - first), 1);
        pictures.push_back(fitted(to_picture(one), target.width, target.height));
      }
    }
    return pictures;
  }

  AttackRow ask(Decoder& decoder, const Question& question) {
    const Condition& seen = decoder.conditions()[question.condition];
    AttackRow row;
    row.attacker = question.linear ? "linear" : seen.draws > 1 ? "averaging" : "decoder";
    row.seen = question.shallow ? Seen::kShallow : seen.seen;
    row.draws = seen.draws;
    if (row.seen == Seen::kRelease) {
      row.alpha = seen.alpha;
      row.alpha_after_draws = seen.alpha_after;
    }
    std::vector<Image> pictures;
    const double taken = time("attack: " + name_of(row), [&] {
      pictures = reconstructions(decoder, material_.audited, question);
      measure_pictures(material_.audited, pictures, row);
      if (gallery_) {
        gallery_->measure(reconstructions(decoder, material_.searched, question), row);
      }
    });
    row.seconds = taken + (question.linear ? 0 : training_seconds_);
    if (!question.linear && !question.shallow && seen.draws == 1) remember(row, pictures);
    report(row);
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
    if (row.pictures > 0) note << "unexplained " << row.unexplained_variance.value;
    if (gallery_) note << ", rank-1 " << row.rank1.value << ", AUC " << row.auc.value;
    options_.progress({name_of(row), 1, 1, note.str()});
  }

  // Names people straight from what crosses the cut; the attacker's gallery is their clean
  // activations.
  void attack_by_embedding(const Decoder& decoder, bool shallow) {
    if (!gallery_) return;
    Embedder embedder(decoder, shallow);
    EmbedderTraining training;
    training.name = shallow ? "train embedding, shallow control" : "train embedding, release";
    training.steps = options_.decoder_steps > 0 ? options_.decoder_steps : effort_.embedder_steps;
    training.seed = options_.seed;
    training.progress = options_.progress;
    training.stop = options_.stop;
    const double trained =
        time(training.name, [&] { embedder.train(material_.people_lessons, training); });
    const auto& people = material_.searched;
    const auto embedded = [&](std::size_t condition) {
      const Question question{shallow, false, condition};
      return embedder.embed(people, observations(decoder, people, question), condition);
    };
    const auto gallery = embedded(0);
    for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
      const Condition& seen = decoder.conditions()[i];
      if (seen.draws > 1) continue;
      AttackRow row;
      row.attacker = "embedding";
      row.seen = shallow ? Seen::kShallow : seen.seen;
      if (row.seen == Seen::kRelease) row.alpha = row.alpha_after_draws = seen.alpha;
      row.seconds = trained + time("attack: " + name_of(row),
                                   [&] { Gallery::measure(embedded(i), gallery, people, row); });
      report(row);
      result_.attacks.push_back(row);
    }
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
    for (const bool linear : {true, false}) {
      result_.attacks.push_back(ask(decoder, {true, linear, 0}));
    }
    attack_by_embedding(decoder, true);
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
      if (!averaged) result_.attacks.push_back(ask(decoder, {false, true, i}));
      result_.attacks.push_back(ask(decoder, {false, false, i}));
    }
    attack_by_embedding(decoder, false);
  }

  const Release& release_;
  AuditOptions options_;
  Effort effort_;
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
