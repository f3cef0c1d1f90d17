#include "probe.h"

#include "attack.h"
#include "detectors.h"
#include "files.h"

#include <scrim/evaluate.h>
#include <scrim/learn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

namespace scrim::cli {
namespace {

constexpr std::size_t kTimedPictures = 9;
constexpr std::size_t kProbedPictures = 60;
constexpr std::size_t kTestEvery = 5;

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Dataset part_of(const Dataset& dataset, const std::vector<std::string>& names,
                const std::filesystem::path& list) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  write_text(list, text);
  return Dataset::open(dataset.folder(), {.layout = dataset.layout(), .list = list});
}

Cut measure_cut(const std::string& split_point, const ProbeOptions& options,
                const std::vector<Image>& pictures) {
  const Network network =
      load_network(options.weights, {.split_point = split_point, .threads = options.threads});
  Cut cut{.split_point = split_point};
  std::vector<double> head_ms, tail_ms;
  for (const Image& picture : pictures) {
    const Tensor input = to_input(picture, {.scale = options.scale});
    Activation activation;
    head_ms.push_back(milliseconds([&] { activation = network.head(input); }));
    tail_ms.push_back(milliseconds([&] { network.tail(activation); }));
    const Shape& shape = activation.tensor.shape;
    require(shape.size() == 4, split_point, " has no cells: its output has ", shape.size(),
            " dimensions");
    cut.channels = shape[1];
    cut.stride = static_cast<std::int64_t>(
        std::lround(static_cast<double>(input.shape[3]) / static_cast<double>(shape[3])));
    cut.cells += static_cast<double>(shape[2] * shape[3]) / static_cast<double>(pictures.size());
  }
  cut.head_ms = median(head_ms);
  cut.tail_ms = median(tail_ms);
  return cut;
}

Release learn_release(const Cut& cut, double alpha, const Dataset& train,
                      const ProbeOptions& options, const std::filesystem::path& folder,
                      const Session& session) {
  LearnOptions learning;
  learning.output = folder;
  learning.split_point = cut.split_point;
  learning.alphas = {alpha};
  learning.scale = options.scale;
  learning.window = options.window;
  learning.adapt_steps = options.steps;
  learning.tail_steps = options.steps;
  learning.seed = options.seed;
  learning.threads = options.threads;
  learning.progress = [&](const Progress& progress) {
    Progress named = progress;
    named.stage = cut.split_point + ", " + progress.stage;
    session.progress(named);
  };
  learning.stop = session.stop;
  return Release::open(learn(options.weights, train, learning).release);
}

template <typename Measured>
void take_interval(const Measured& measured, Probe& row) {
  row.interval_low = measured.interval_low;
  row.interval_high = measured.interval_high;
}

void score(const Release& release, const Key& key, const Dataset& test, const Session& session,
           Probe& row) {
  EvaluateOptions options;
  options.progress = session.progress;
  options.stop = session.stop;
  if (is_classification(release)) {
    const auto measured =
        evaluate(noisy_classifier(release, key, {.alpha = row.alpha}), test, options);
    row.score = measured.mean_accuracy;
    take_interval(measured, row);
    return;
  }
  const auto measured = evaluate(noisy_detector(release, key, {.alpha = row.alpha}), test, options);
  row.score = measured.mean_average_precision;
  take_interval(measured, row);
}

// What the linear attacker misses on pictures that it was not trained on.
double attack(const Crossing& crossing, const ProbePictures& pictures, const Release& release,
              const std::string& stage, const Session& session) {
  const Manifest& manifest = release.manifest();
  const auto see = [&](const Dataset& dataset) {
    return observe(some_pictures(dataset, kProbedPictures), manifest.input, crossing, stage,
                   session);
  };
  const Observations trained = see(pictures.train), tested = see(pictures.test);
  return LinearAttacker::fit(trained.activations, trained.pictures, manifest.stride)
      .measure(tested.activations, tested.pictures)
      .unexplained_variance;
}

}  // namespace

ProbePictures split_dataset(const Dataset& dataset, const std::filesystem::path& scratch) {
  std::vector<std::string> train, test;
  std::map<int, std::size_t> of_class;  // faces are one class
  for (const Sample& sample : dataset.samples()) {
    const bool tests = of_class[sample.label.value_or(-1)]++ % kTestEvery == kTestEvery - 1;
    (tests ? test : train).push_back(sample.name);
  }
  require(!test.empty(), "a probe needs at least ", kTestEvery, " pictures, got ",
          dataset.samples().size());
  return {part_of(dataset, train, scratch / "train.txt"),
          part_of(dataset, test, scratch / "test.txt")};
}

std::vector<Cut> measure_cuts(const std::vector<std::string>& split_points,
                              const ProbeOptions& options, const Dataset& dataset) {
  require(split_points.size() >= 2, "--probe compares at least 2 split points, got ",
          split_points.size());
  const std::vector<Image> pictures = some_pictures(dataset, kTimedPictures);
  std::vector<Cut> cuts;
  for (const std::string& point : split_points) {
    cuts.push_back(measure_cut(point, options, pictures));
  }
  std::stable_sort(cuts.begin(), cuts.end(),
                   [](const Cut& a, const Cut& b) { return a.head_ms < b.head_ms; });
  return cuts;
}

double alpha_of_equal_bits(const Cut& cut, const Cut& deepest, double alpha) {
  // Bits of a picture: cells * N * log2(1/alpha) / 2.
  const double ratio = deepest.cells * static_cast<double>(deepest.channels) /
                       (cut.cells * static_cast<double>(cut.channels));
  return std::pow(alpha, ratio);
}

Probe probe(const Cut& cut, double alpha, const ProbePictures& pictures,
            const ProbeOptions& options, const std::filesystem::path& scratch,
            const Session& session) {
  const Release release =
      learn_release(cut, alpha, pictures.train, options, scratch / cut.split_point, session);
  Probe row{.cut = cut, .alpha = alpha};
  const Key key = attackers_key();
  const Noise noise(release, key, {.alpha = alpha});
  row.bits_per_picture = cut.cells * noise.bits_per_cell();
  score(release, key, pictures.test, session, row);
  const Head head = Head::open(release);
  row.unexplained =
      attack(noisy_crossing(head, noise), pictures, release, cut.split_point + ", attack", session);
  row.unexplained_clean =
      attack([head](const Tensor& input) { return head(input).tensor; }, pictures, release,
             cut.split_point + ", attack without noise", session);
  return row;
}

void check_affordable(const std::vector<Cut>& cuts, double affordable_ms) {
  require(cuts.front().head_ms <= affordable_ms, "no head runs in ", affordable_ms,
          " ms a picture; the quickest, ", cuts.front().split_point, ", takes ",
          cuts.front().head_ms);
}

std::size_t recommended(const std::vector<Probe>& probes, double affordable_ms) {
  const auto affordable = [&](const Probe& row) { return row.cut.head_ms <= affordable_ms; };
  const auto beaten = [&](const Probe& row) {
    return std::any_of(probes.begin(), probes.end(), [&](const Probe& other) {
      return affordable(other) && other.score > row.score && other.unexplained > row.unexplained;
    });
  };
  std::size_t best = 0;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (affordable(probes[i]) && !beaten(probes[i])) best = i;
  }
  return best;
}

}  // namespace scrim::cli
