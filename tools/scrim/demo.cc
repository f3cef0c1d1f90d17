// scrim demo: the whole path on pictures that it draws itself, and a report to look at.
#include "attack.h"
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"

#include <scrim/learn.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <ctime>
#include <iomanip>

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

struct Flags {
  std::string output = "demo";
  std::string weights;
  double alpha = 0.8;
  std::uint64_t seed = 1;
};

struct Demo {
  Flags flags;
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
  demo.report.seconds.emplace_back(stage, seconds.count());
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
  report.protocol = noisy.protocol;
  for (std::size_t i = 0; i < noisy.folds.size(); ++i) {
    report.folds.push_back({.clean = clean.folds.at(i), .noisy = noisy.folds[i]});
  }
  report.mean = {clean.mean_average_precision, noisy.mean_average_precision};
  report.interval_low = {clean.interval_low, noisy.interval_low};
  report.interval_high = {clean.interval_high, noisy.interval_high};
}

void print_folds(const ReportContents& report, std::ostream& out) {
  const auto line = [&out](const std::string& name, const FoldFigures& figures) {
    out << std::left << std::setw(8) << name << std::right << std::fixed << std::setprecision(4)
        << std::setw(8) << figures.clean << std::setw(9) << figures.noisy << std::setprecision(1)
        << std::setw(8) << (figures.clean > 0 ? 100 * figures.noisy / figures.clean : 0) << " %\n";
  };
  out << "fold       clean    noisy      kept\n";
  for (std::size_t i = 0; i < report.folds.size(); ++i)
    line(std::to_string(i + 1), report.folds[i]);
  line("mean", report.mean);
  out << "95 %    " << std::setprecision(3) << report.interval_low.clean << ".."
      << report.interval_high.clean << " clean, " << report.interval_low.noisy << ".."
      << report.interval_high.noisy << " noisy\n";
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
  demo.report.clean_leakage = on_clean.leakage;
  demo.report.noisy_leakage = on_noisy.leakage;
  demo.report.bits_per_element = noise.bits_per_element();
  demo.report.channels = release.noise().channels;
  DetectorOptions options;
  options.input = release.manifest().input;
  const Detector clean_faces(network, options);
  const Detector noisy_faces(head, noise, Tail::open(release), options);
  for (const Sample& sample : shown(test)) {
    const Image image = read_image(sample.path);
    const Tensor input = to_input(image, options.input);
    const Tensor crossed = noisy(input);
    demo.report.cells = crossed.shape[2] * crossed.shape[3];
    demo.report.pictures.push_back(
        {.name = sample.name,
         .input = image,
         .clean_detections = clean_faces(image),
         .noisy_detections = noisy_faces(image),
         .clean_reconstruction = on_clean.attacker.reconstruction(clean(input)),
         .noisy_reconstruction = on_noisy.attacker.reconstruction(crossed)});
  }
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

void finish(Demo& demo) {
  ReportContents& report = demo.report;
  report.title = "Faces found in pictures that stay where they are";
  report.created = today();
  report.commands = {program_name() + " demo --output " + demo.root.string() + " --alpha " +
                     CLI::detail::to_string(demo.flags.alpha) + " --seed " +
                     std::to_string(demo.flags.seed)};
  write_text(demo.root / "report.html", html_report(report));
  nlohmann::ordered_json figures = {
      {"alpha", report.alpha},
      {"bits_per_element", report.bits_per_element},
      {"clean_mean_average_precision", report.mean.clean},
      {"noisy_mean_average_precision", report.mean.noisy},
      {"clean_unexplained_variance", report.clean_leakage.unexplained_variance},
      {"noisy_unexplained_variance", report.noisy_leakage.unexplained_variance}};
  for (const auto& [stage, seconds] : report.seconds) figures["seconds"][stage] = seconds;
  write_text(demo.root / kMarker, figures.dump(2) + "\n");
}

void print_summary(const Demo& demo) {
  const ReportContents& report = demo.report;
  const std::string root = demo.root.string(), scrim = program_name();
  std::ostream& out = demo.session.out;
  out << std::fixed << std::setprecision(1) << "\nA linear attacker misses "
      << 100 * report.clean_leakage.unexplained_variance << " % of the picture without noise, "
      << 100 * report.noisy_leakage.unexplained_variance << " % with it (100 % is chance).\n"
      << "At alpha " << std::setprecision(2) << report.alpha << " at most " << std::setprecision(3)
      << report.bits_per_element << " bits pass per element, on average.\n";
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
  demo.report.alpha = demo.flags.alpha;
  const Network adapted = clean_network(release);
  DetectorOptions options;
  options.input = release.manifest().input;
  const EvaluateOptions evaluation{.progress = demo.session.progress, .stop = demo.session.stop};
  const Evaluation clean = timed(demo, "evaluate, clean", [&] {
    return evaluate(Detector(adapted, options), test, evaluation);
  });
  const Evaluation noisy = timed(demo, "evaluate, noisy", [&] {
    return evaluate(noisy_detector(release, key, demo.flags.alpha), test, evaluation);
  });
  record(demo, clean, noisy);
  print_folds(demo.report, demo.session.out);
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
  const auto flags = make_flags<Flags>();
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
