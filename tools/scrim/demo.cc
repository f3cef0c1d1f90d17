// scrim demo: the whole path on pictures that it draws itself, and a report to look at.
#include "attack.h"
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"
#include "report.h"

#include <scrim/learn.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <limits>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

// Sized for three minutes on two cores; real data deserves the defaults of 'scrim learn'.
constexpr int kTrainPictures = 80;
constexpr int kTestPictures = 60;
constexpr std::size_t kAttackPictures = 60;  // some 66,000 cells for 1153 weights
constexpr std::size_t kAttackedPictures = 30;
constexpr std::size_t kReportPictures = 4;
constexpr int kViews = 4;
constexpr int kAdaptSteps = 60;
constexpr int kTailSteps = 150;
constexpr int kWindow = 320;
constexpr const char* kMarker = "demo.json";  // says that a folder is a demo's, and may be redone

struct DemoFlags {
  std::string output = "demo";
  std::string weights;
  double alpha = 0.8;
  std::uint64_t seed = 1;
};

struct Demo {
  DemoFlags flags;
  const Session& session;
  fs::path root;
  ReportContents report;

  fs::path train() const { return root / "data" / "train"; }
  fs::path test() const { return root / "data" / "test"; }
  fs::path key() const { return root / "key"; }
  fs::path release() const { return root / "faces.scrim"; }
};

template <typename Work>
auto timed(Demo& demo, const std::string& stage, Work work) {
  if (demo.session.stop.stop_requested())
    fail(ErrorCode::kUnavailable, "stopped before '", stage, "'");
  demo.session.log << stage << std::endl;
  const auto start = std::chrono::steady_clock::now();
  auto result = work();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  demo.report.audit.seconds.emplace_back(stage, seconds.count());
  return result;
}

// A former demo is replaced; anything else is left alone.
void prepare(const Demo& demo) {
  std::error_code ignored;
  if (fs::exists(demo.root, ignored) && !fs::is_empty(demo.root, ignored)) {
    require(fs::exists(demo.root / kMarker, ignored), demo.root.string(),
            " is not empty and not a former demo; name another --output");
    fs::remove_all(demo.root);
  }
  make_folder(demo.root);
  write_text(demo.root / kMarker, "{}\n");
}

Dataset draw(const fs::path& folder, int pictures, std::uint64_t seed) {
  make_folder(folder.parent_path());
  generate_faces(folder, {.pictures = pictures, .seed = seed});
  return Dataset::open(folder);
}

LearnResult learn_release(const Demo& demo, const Dataset& train) {
  LearnOptions options;
  options.output = demo.release();
  options.alphas = {demo.flags.alpha};
  options.window = kWindow;
  options.views = kViews;
  options.adapt_steps = kAdaptSteps;
  options.tail_steps = kTailSteps;
  options.seed = demo.flags.seed;
  options.progress = demo.session.progress;
  options.stop = demo.session.stop;
  return learn(demo.flags.weights, train, options);
}

void record(Demo& demo, const Evaluation& clean, const Evaluation& noisy) {
  ReportContents& report = demo.report;
  report.accuracy_name = "average precision";
  report.accuracy_protocol = noisy.protocol;
  report.accuracy_source = "mean of the folds of pictures drawn for the test";
  report.accuracy_pictures = noisy.pictures;
  for (const Evaluation* run : {&clean, &noisy}) report.accuracy.push_back(accuracy_row(*run));
}

void print_folds(const Evaluation& clean, const Evaluation& noisy, std::ostream& out) {
  const auto line = [&out](const std::string& name, double without, double with) {
    out << std::left << std::setw(8) << name << std::right << std::fixed << std::setprecision(4)
        << std::setw(8) << without << std::setw(9) << with << std::setprecision(1) << std::setw(8)
        << (without > 0 ? 100 * with / without : 0) << " %\n";
  };
  out << "fold       clean    noisy      kept\n";
  for (std::size_t i = 0; i < noisy.folds.size(); ++i) {
    line(std::to_string(i + 1), clean.folds.at(i), noisy.folds[i]);
  }
  line("mean", clean.mean_average_precision, noisy.mean_average_precision);
  out << "95 %    " << std::setprecision(3) << clean.interval_low << ".." << clean.interval_high
      << " clean, " << noisy.interval_low << ".." << noisy.interval_high << " noisy\n";
}

// What the attacker works with: pictures of his own, and those that he attacks.
struct AttackPictures {
  std::vector<Image> own, attacked;
};

// One side of the attack: trained on his own pictures, measured on the others.
struct Attack {
  LinearAttacker attacker;
  Leakage leakage;
};

Attack attack(const Demo& demo, const AttackPictures& pictures, const Crossing& trained_on,
              const Crossing& measured_on, const std::string& name) {
  const Manifest& manifest = demo.report.manifest;
  const Observations own = observe(pictures.own, manifest.input, trained_on,
                                   "attacker's pictures, " + name, demo.session);
  LinearAttacker attacker = LinearAttacker::fit(own.activations, own.pictures, manifest.stride);
  const Observations seen =
      observe(pictures.attacked, manifest.input, measured_on, "attack, " + name, demo.session);
  const Leakage leakage = attacker.measure(seen.activations, seen.pictures);
  return {std::move(attacker), leakage};
}

// The first pictures that have a few faces, so that there is something to see.
std::vector<Sample> shown(const Dataset& test) {
  std::vector<Sample> chosen;
  for (const Sample& sample : test.samples()) {
    if (sample.faces.size() >= 2 && chosen.size() < kReportPictures) chosen.push_back(sample);
  }
  return chosen;
}

AttackRow attack_row(const Leakage& leakage, Seen seen, double alpha) {
  AttackRow row;
  row.attacker = "linear";
  row.seen = seen;
  row.alpha = alpha;
  row.unexplained_variance.value = leakage.unexplained_variance;
  row.psnr.value = leakage.psnr;
  row.pictures = leakage.pictures;
  return row;
}

// What alpha promises; 'scrim audit' measures it on pictures.
CapacityRow promised(const Noise& noise, double cells) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  CapacityRow row{.alpha = noise.alpha()};
  row.diagonal_alpha = row.joint_alpha = row.joint_bits = kNone;
  row.diagonal_bits = noise.bits_per_element();
  row.bits_per_picture = cells * noise.bits_per_cell();
  return row;
}

ReportPicture shown_picture(const Sample& sample, const Image& image,
                            const std::vector<Detection>& clean,
                            const std::vector<Detection>& noisy) {
  constexpr float kShown = 0.5F;  // detections of a lower score are not drawn
  const auto panel = [&image](const std::string& what, const std::vector<Detection>& found) {
    const auto count = std::count_if(found.begin(), found.end(),
                                     [](const Detection& d) { return d.score >= kShown; });
    return ReportPanel{what + ": " + std::to_string(count) + (count == 1 ? " face" : " faces"),
                       draw_detections(image, found, kShown)};
  };
  return {sample.name, {panel("without obfuscation", clean), panel("with obfuscation", noisy)}};
}

void attack_and_show(Demo& demo, const Network& network, const Release& release,
                     const Dataset& test) {
  const Head head = Head::open(release);
  const Noise noise(release, Key::load(demo.key()), {.alpha = demo.flags.alpha});
  const Noise known(release, attackers_key(), {.alpha = demo.flags.alpha});
  const Crossing clean = clean_crossing(network), noisy = noisy_crossing(head, noise);
  const AttackPictures pictures{
      .own = drawn_pictures(kAttackPictures, demo.flags.seed + 2'000'000),  // nobody else's
      .attacked = some_pictures(test, kAttackedPictures)};
  const Attack on_clean = attack(demo, pictures, clean, clean, "no noise");
  const Attack on_noisy = attack(demo, pictures, noisy_crossing(head, known), noisy, "with noise");
  AuditResult& audit = demo.report.audit;
  audit.attacks = {attack_row(on_clean.leakage, Seen::kNoNoise, demo.flags.alpha),
                   attack_row(on_noisy.leakage, Seen::kRelease, demo.flags.alpha)};
  audit.attacker_pictures = static_cast<std::int64_t>(pictures.own.size());
  audit.audited_pictures = static_cast<std::int64_t>(pictures.attacked.size());
  DetectorOptions options;
  options.input = release.manifest().input;
  const Detector clean_faces(network, options);
  const Detector noisy_faces(head, noise, Tail::open(release), options);
  for (const Sample& sample : shown(test)) {
    const Image image = read_image(sample.path);
    const Tensor input = to_input(image, options.input);
    const Tensor crossed = noisy(input);
    const double cells = static_cast<double>(crossed.shape[2] * crossed.shape[3]);
    audit.capacity = {promised(noise, cells)};
    ReportPicture picture = shown_picture(sample, image, clean_faces(image), noisy_faces(image));
    picture.panels.push_back(
        {"rebuilt by a linear attacker, no noise", on_clean.attacker.reconstruction(clean(input))});
    picture.panels.push_back(
        {"rebuilt by a linear attacker, with noise", on_noisy.attacker.reconstruction(crossed)});
    demo.report.pictures.push_back(std::move(picture));
  }
  demo.report.channels = release.noise().channels;
}

void finish(Demo& demo) {
  ReportContents& report = demo.report;
  report.title = "Faces found in pictures that stay where they are";
  report.created = now_utc();
  report.seed = demo.flags.seed;
  report.commands = {program_name() + " demo --output " + demo.root.string() + " --alpha " +
                     CLI::detail::to_string(demo.flags.alpha) + " --seed " +
                     std::to_string(demo.flags.seed)};
  write_text(demo.root / "report.html", html_report(report));
  const AuditResult& audit = report.audit;
  nlohmann::ordered_json figures = {
      {"alpha", demo.flags.alpha},
      {"bits_per_element", audit.capacity.at(0).diagonal_bits},
      {"clean_mean_average_precision", report.accuracy.at(0).accuracy.value},
      {"noisy_mean_average_precision", report.accuracy.at(1).accuracy.value},
      {"clean_unexplained_variance", audit.attacks.at(0).unexplained_variance.value},
      {"noisy_unexplained_variance", audit.attacks.at(1).unexplained_variance.value}};
  for (const auto& [stage, seconds] : audit.seconds) figures["seconds"][stage] = seconds;
  write_text(demo.root / kMarker, figures.dump(2) + "\n");
}

void print_summary(const Demo& demo) {
  const AuditResult& audit = demo.report.audit;
  const std::string root = demo.root.string(), scrim = program_name();
  std::ostream& out = demo.session.out;
  out << std::fixed << std::setprecision(1) << "\nA linear attacker misses "
      << 100 * audit.attacks.at(0).unexplained_variance.value << " % of the picture without noise, "
      << 100 * audit.attacks.at(1).unexplained_variance.value << " % with it (100 % is chance).\n"
      << "At alpha " << std::setprecision(2) << demo.flags.alpha << " at most "
      << std::setprecision(3) << audit.capacity.at(0).diagonal_bits
      << " bits pass per element, on average.\n";
  out << "\nwritten:\n  " << root << "/report.html   open this in a browser\n  " << root
      << "/faces.scrim   the release\n  " << root
      << "/key           keep it where the pictures are\n";
  const std::string release = root + "/faces.scrim --key " + root + "/key";
  out << "\nnext:\n  " << scrim << " evaluate " << release << " --dataset " << root
      << "/data/test --noisy --compare\n  " << scrim << " infer " << root << "/data/test --release "
      << release << " --reconstruct --output found\n  " << scrim << " learn "
      << fs::proximate(demo.flags.weights).string()
      << " --dataset YOUR_FOLDER --output your.scrim\n";
}

int run_demo(Demo& demo) {
  check_alpha(demo.flags.alpha);
  if (demo.flags.weights.empty()) demo.flags.weights = shipped_weights().string();
  const Network original =
      load_network(demo.flags.weights);  // a wrong file must not cost a former demo
  prepare(demo);
  const std::uint64_t seed = demo.flags.seed;
  const Dataset train = timed(demo, "draw pictures", [&] {
    draw(demo.test(), kTestPictures, seed + 1'000'000);
    return draw(demo.train(), kTrainPictures, seed);
  });
  const Dataset test = Dataset::open(demo.test());
  const Key key = Key::create(demo.key());
  const LearnResult learned = timed(demo, "learn", [&] { return learn_release(demo, train); });
  const Release release = Release::open(learned.release);
  demo.report.manifest = release.manifest();
  const Network adapted = clean_network(release);
  DetectorOptions options;
  options.input = release.manifest().input;
  const EvaluateOptions evaluation{.progress = demo.session.progress, .stop = demo.session.stop};
  const Evaluation clean = timed(demo, "evaluate, clean", [&] {
    return evaluate(Detector(adapted, options), test, evaluation);
  });
  const Evaluation noisy = timed(demo, "evaluate, noisy", [&] {
    return evaluate(noisy_detector(release, key, {.alpha = demo.flags.alpha}), test, evaluation);
  });
  record(demo, clean, noisy);
  print_folds(clean, noisy, demo.session.out);
  timed(demo, "attack", [&] {
    attack_and_show(demo, adapted, release, test);
    return true;
  });
  finish(demo);
  print_summary(demo);
  return 0;
}

}  // namespace

Action declare_demo(CLI::App& app) {
  const auto flags = make_flags<DemoFlags>();
  app.add_option("--output", flags->output, "a new folder, or that of a former demo")
      ->type_name("FOLDER");
  app.add_option("--weights", flags->weights,
                 "start from these [the detector that comes with Scrim]")
      ->type_name("FILE");
  app.add_option("--alpha", flags->alpha, "how much is obfuscated, in (0, 1)")->type_name("A");
  app.add_option("--seed", flags->seed, "of the drawn pictures and of learning")->type_name("N");
  return [flags](const Session& session) {
    Demo demo{.flags = *flags, .session = session, .root = flags->output, .report = {}};
    return run_demo(demo);
  };
}

}  // namespace scrim::cli
