// Times our steps beside libtorch's in one run, after a check that they are right.
#include "base/check.h"
#include "base/json.h"
#include "kernels/add_noise.h"

#include <scrim/evaluate.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <malloc.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace scrim {
namespace {

constexpr std::size_t kChannels = 3, kHeight = 1080, kWidth = 1920;
constexpr std::size_t kCount = kChannels * kHeight * kWidth;
constexpr std::size_t kBytes = kCount * sizeof(float);
constexpr int kNoiseRounds = 21;
constexpr int kNetworkRounds = 5;
constexpr std::int64_t kNetworkSide = 1024;

// Holds libtorch to one thread while it lives.
class OneTorchThread {
 public:
  OneTorchThread() { at::set_num_threads(1); }
  ~OneTorchThread() { at::set_num_threads(before_); }
  OneTorchThread(const OneTorchThread&) = delete;
  OneTorchThread& operator=(const OneTorchThread&) = delete;

 private:
  int before_ = at::get_num_threads();
};

// What this thread has used of a core. Unlike the time of day it does not count the moments in
// which other programs had the core.
double processor_milliseconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

// Runs something once and returns its milliseconds.
using Task = std::function<double()>;

Task timed(std::function<void()> work) {
  return [work = std::move(work)] {
    const double start = processor_milliseconds();
    work();
    return processor_milliseconds() - start;
  };
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The median time of each task. They run in turn, so that a busy machine slows all of them alike;
// the first round, which touches the memory for the first time, does not count.
std::vector<double> median_milliseconds(const std::vector<Task>& tasks, int rounds,
                                        const std::string& stage, const ProgressFn& progress) {
  std::vector<std::vector<double>> times(tasks.size());
  for (int round = 0; round <= rounds; ++round) {
    if (progress) progress({.stage = stage, .done = round, .total = rounds, .note = {}});
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      const double time = tasks[t]();
      if (round > 0) times[t].push_back(time);
    }
  }
  std::vector<double> medians;
  for (auto& of_task : times) medians.push_back(median(std::move(of_task)));
  return medians;
}

// OpenSSL's ChaCha20 over as many bytes as the noise needs: no draw can cost less than its stream.
class Cipher {
 public:
  void run() {
    int length = 0;
    const bool done = EVP_EncryptInit_ex(context_.get(), EVP_chacha20(), nullptr, key_.data(),
                                         key_.data()) == 1 &&
                      EVP_EncryptUpdate(context_.get(), stream_.data(), &length, zeros_.data(),
                                        static_cast<int>(kBytes)) == 1;
    if (!done) fail(ErrorCode::kInternal, "OpenSSL does not run ChaCha20");
  }

 private:
  using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
  Context context_{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  std::vector<unsigned char> key_ = std::vector<unsigned char>(32);
  std::vector<unsigned char> zeros_ = std::vector<unsigned char>(kBytes);
  std::vector<unsigned char> stream_ = std::vector<unsigned char>(kBytes);
};

// One picture with noise of its own per channel.
struct Picture {
  std::vector<float> in = std::vector<float>(kCount, 0.5F);
  std::vector<float> out = std::vector<float>(kCount);
  std::vector<float> scale = {0.5F, 1.0F, 2.0F};
  std::vector<float> sigma = {1.0F, 2.0F, 3.0F};

  AddNoise op() {
    return {.in = in, .scale = scale, .sigma = sigma, .clip = 4.0F, .key = {}, .out = out};
  }
};

// Nothing is timed before it is right. A draw is within 4 ulp of the reference, 2e-6 at its
// largest; sigma is 3 at most, and the sum is rounded once more.
void check_noise(Picture& picture) {
  constexpr std::size_t kStride = 997;
  add_noise(picture.op());
  for (std::size_t i = 0; i < kCount; i += kStride) {
    const float fast = picture.out[i];
    add_noise(Backend::kReference, picture.op(), {.first = i, .count = 1});
    if (std::abs(fast - picture.out[i]) > 2e-5F) {
      fail(ErrorCode::kInternal, "element ", i, " of the noisy picture is ", fast,
           " where the reference has ", picture.out[i]);
    }
  }
}

// The milliseconds of the slower of two threads that share the picture.
double add_on_two_threads(Picture& picture) {
  constexpr std::size_t kHalf = kCount / 2;
  const auto half = [&](std::size_t first) {
    return timed([&, first] { add_noise(picture.op(), {.first = first, .count = kHalf}); });
  };
  double second_time = 0;
  std::thread second([&] { second_time = half(kHalf)(); });
  const double first_time = half(0)();
  second.join();
  return std::max(first_time, second_time);
}

// The expression as users write it takes memory for three tensors and gives it back. Whether the
// allocator returns that memory to the system depends on what else lies on the heap; in a program
// of its own it does. Trimming first makes it so here, whatever the caller has allocated.
double eager_milliseconds(const at::Tensor& x) {
  malloc_trim(0);
  return timed([&] { const at::Tensor y = x + 2.0 * at::randn_like(x); })();
}

void time_noise(Bench& result, const ProgressFn& progress) {
  Picture picture;
  check_noise(picture);
  const at::Tensor x = at::full({1, kChannels, kHeight, kWidth}, 0.5F);
  at::Tensor kept = at::empty_like(x);
  Cipher cipher;
  std::vector<float> copy(kCount);

  const std::vector<double> times = median_milliseconds(
      {timed([&] { add_noise(picture.op()); }), [&] { return add_on_two_threads(picture); },
       [&] { return eager_milliseconds(x); }, timed([&] { kept.normal_().mul_(2.0).add_(x); }),
       timed([&] { cipher.run(); }),
       timed([&] { std::memcpy(copy.data(), picture.in.data(), kBytes); })},
      kNoiseRounds, "time the noise", progress);
  const double ours = times[0], two_threads = times[1], eager = times[2], in_place = times[3];
  const double limit = times[4] + times[5];
  // The second row is the most that libtorch can do: in place, in memory that it keeps.
  const std::string name = "noise, 1920x1080x3, one core";
  result.rows = {{name, "libtorch: x + sigma * randn_like(x), fresh memory", ours, eager, limit},
                 {name, "libtorch: z.normal_().mul_(sigma).add_(x)", ours, in_place, limit},
                 {name, "OpenSSL's ChaCha20, then memcpy", ours, limit, limit},
                 {"noise, 1920x1080x3, two cores", "one core", two_threads, ours, 0}};
  result.speedup_over_libtorch = eager / ours;
}

// Rounding in another order moves an output by some 1e-5 of the largest; a wrong layer by far more.
void check_same(const std::string& what, const std::vector<Tensor>& fast,
                const std::vector<Tensor>& eager) {
  for (std::size_t k = 0; k < eager.size(); ++k) {
    const std::vector<float>&a = fast.at(k).values, &b = eager[k].values;
    float largest = 1,
          difference = a.size() == b.size() ? 0 : std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      largest = std::max(largest, std::abs(b[i]));
      difference = std::max(difference, std::abs(a[i] - b[i]));
    }
    if (!(difference <= 1e-3F * largest)) {
      fail(ErrorCode::kInternal, "output ", k, " of the prepared ", what, " is ", difference,
           " from the eager one");
    }
  }
}

Tensor noise_picture() {
  Tensor picture{{1, 3, kNetworkSide, kNetworkSide}, {}};
  picture.values.resize(static_cast<std::size_t>(element_count(picture.shape)));
  draw_normals(StreamKey{}, 0, picture.values);
  for (float& value : picture.values) value *= 50.0F;  // about the range of a photograph
  return picture;
}

void time_network(const std::filesystem::path& weights, Bench& result, const ProgressFn& progress) {
  const Network prepared = Network::load(weights, {.threads = 1, .prepared = true});
  const Network eager = Network::load(weights, {.threads = 1, .prepared = false});
  const Tensor picture = noise_picture();
  const Activation activation = eager.head(picture);
  check_same("head", {prepared.head(picture).tensor}, {activation.tensor});
  check_same("tail", prepared.tail(activation), eager.tail(activation));
  check_same("network", prepared(picture), eager(picture));

  const std::vector<double> times = median_milliseconds(
      {timed([&] { prepared.head(picture); }), timed([&] { eager.head(picture); }),
       timed([&] { prepared.tail(activation); }), timed([&] { eager.tail(activation); }),
       timed([&] { prepared(picture); }), timed([&] { eager(picture); })},
      kNetworkRounds, "time the network", progress);
  const std::string size = sentence(", ", kNetworkSide, "x", kNetworkSide, ", one core");
  constexpr std::array kParts = {"head", "tail", "network"};
  for (std::size_t k = 0; k < kParts.size(); ++k) {
    result.rows.push_back({kParts[k] + size, "libtorch eager", times[2 * k], times[2 * k + 1], 0});
  }
}

}  // namespace

Bench bench(const std::filesystem::path& weights, const ProgressFn& progress) {
  if (!weights.empty() && !std::filesystem::exists(weights)) {
    fail(ErrorCode::kNotFound, "there is no file ", weights.string());
  }
  const OneTorchThread one_thread;
  const at::NoGradGuard no_gradient;
  Bench result;
  time_noise(result, progress);
  if (!weights.empty()) time_network(weights, result, progress);
  return result;
}

std::string to_json(const Bench& bench) {
  Json rows = Json::array();
  for (const BenchRow& row : bench.rows) {
    rows.push_back({{"name", row.name},
                    {"peer", row.peer},
                    {"milliseconds", row.milliseconds},
                    {"peer_milliseconds", row.peer_milliseconds},
                    {"limit_milliseconds", nullptr}});
    if (row.limit_milliseconds > 0) rows.back()["limit_milliseconds"] = row.limit_milliseconds;
  }
  const Json json = {{"speedup_over_libtorch", bench.speedup_over_libtorch}, {"rows", rows}};
  return json.dump(2);
}

}  // namespace scrim
