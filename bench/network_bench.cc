// FaceBoxes' halves on a 1024x1024 picture: the prepared network beside the plain one, in one run.
#include "network/faceboxes.h"
#include "release/safetensors.h"

#include <scrim/network.h>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace scrim {
namespace {

using Outputs = std::vector<Tensor>;

Tensor picture(std::int64_t height, std::int64_t width) {
  std::mt19937 generator(1);
  std::normal_distribution<float> value(0, 50);
  Tensor tensor{{1, 3, height, width}, {}};
  tensor.values.resize(static_cast<std::size_t>(element_count(tensor.shape)));
  for (float& v : tensor.values) v = value(generator);
  return tensor;
}

// Random weights: the time does not depend on them.
Network network(const NetworkOptions& options) {
  torch::manual_seed(1);
  const auto path = std::filesystem::temp_directory_path() / "scrim-network-bench.safetensors";
  write_safetensors(path, weights_of(FaceBoxes()));
  Network loaded = Network::load(path, options);
  std::filesystem::remove(path);
  return loaded;
}

// Relative to the largest value: the order of float additions differs.
bool agree(const Outputs& a, const Outputs& b) {
  constexpr double kRelative = 1e-4;
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].shape != b[i].shape) return false;
    double largest = 1, difference = 0;
    for (std::size_t j = 0; j < a[i].values.size(); ++j) {
      largest = std::max(largest, std::abs(double{b[i].values[j]}));
      difference = std::max(difference, std::abs(double{a[i].values[j]} - b[i].values[j]));
    }
    if (difference > kRelative * largest) return false;
  }
  return true;
}

double milliseconds(const std::function<Outputs()>& run) {
  const auto start = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(run());
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

// Ours and the peer by turns, so that both see the same machine; the best of each is compared.
void compare(benchmark::State& state, const std::function<Outputs()>& ours,
             const std::function<Outputs()>& peer) {
  if (!agree(ours(), peer())) return state.SkipWithError("differs from the plain network");
  double best = std::numeric_limits<double>::infinity();
  double best_peer = best;
  for (auto _ : state) {
    const double time = milliseconds(ours);
    state.SetIterationTime(time / 1000);
    best = std::min(best, time);
    best_peer = std::min(best_peer, milliseconds(peer));
  }
  state.counters["ours_ms"] = best;
  state.counters["plain_ms"] = best_peer;
  state.counters["ratio"] = best / best_peer;
}

// Both networks, cut at the same place, and what goes into their halves. The argument of a
// benchmark is the number of threads.
struct Pair {
  Pair(const benchmark::State& state, const std::string& split_point)
      : threads(static_cast<int>(state.range(0))),
        prepared(network({.split_point = split_point, .threads = threads})),
        plain(network({.split_point = split_point, .threads = threads, .prepared = false})),
        activation(plain.head(input)) {}

  int threads;
  Network prepared, plain;
  Tensor input = picture(1024, 1024);
  Activation activation;
};

void BM_Head(benchmark::State& state, const std::string& split_point) {
  const Pair pair(state, split_point);
  compare(
      state, [&] { return Outputs{pair.prepared.head(pair.input).tensor}; },
      [&] { return Outputs{pair.plain.head(pair.input).tensor}; });
}

void BM_Tail(benchmark::State& state, const std::string& split_point) {
  const Pair pair(state, split_point);
  compare(
      state, [&] { return pair.prepared.tail(pair.activation); },
      [&] { return pair.plain.tail(pair.activation); });
}

#define SCRIM_BENCH_HALF(half, split_point)                       \
  BENCHMARK_CAPTURE(half, split_point, std::string(#split_point)) \
      ->Arg(1)                                                    \
      ->Arg(2)                                                    \
      ->UseManualTime()                                           \
      ->Unit(benchmark::kMillisecond)
SCRIM_BENCH_HALF(BM_Head, inception3);
SCRIM_BENCH_HALF(BM_Tail, inception3);
SCRIM_BENCH_HALF(BM_Head, pool2);
SCRIM_BENCH_HALF(BM_Tail, pool2);

// Pictures of many sizes, as an evaluation meets them.
std::vector<Tensor> many_sizes() {
  std::vector<Tensor> pictures;
  for (std::int64_t i = 0; i < 12; ++i) pictures.push_back(picture(1200 - 50 * i, 900 - 41 * i));
  return pictures;
}

// The argument is the number of callers, each with its own share of two threads.
void BM_ManySizes(benchmark::State& state) {
  const auto callers = static_cast<std::size_t>(state.range(0));
  const Network shared = network({.threads = callers == 1 ? 2 : 1});
  const std::vector<Tensor> pictures = many_sizes();
  const auto share = [&](std::size_t first) {
    for (std::size_t i = first; i < pictures.size(); i += callers) {
      benchmark::DoNotOptimize(shared(pictures[i]));
    }
  };
  for (auto _ : state) {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < callers; ++i) others.emplace_back(share, i);
    share(0);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * pictures.size()));
}
BENCHMARK(BM_ManySizes)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace scrim
