// The noise of one 1920x1080x3 picture, beside what bounds it: the cipher alone and a copy.
#include "kernels/add_noise.h"

#include <benchmark/benchmark.h>
#include <hwy/targets.h>
#include <openssl/evp.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace scrim {
namespace {

constexpr std::size_t kChannels = 3;
constexpr std::size_t kCount = kChannels * 1080 * 1920;
constexpr std::size_t kBytes = kCount * sizeof(float);

struct Picture {
  std::vector<float> in = std::vector<float>(kCount, 0.5F);
  std::vector<float> out = std::vector<float>(kCount);
  std::vector<float> scale = {0.5F, 1.0F, 2.0F};
  std::vector<float> sigma = {1.0F, 2.0F, 3.0F};

  AddNoise op() {
    return {.in = in, .scale = scale, .sigma = sigma, .clip = 4.0F, .key = {}, .out = out};
  }
};

void report(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kBytes));
}

// Nothing is timed before it is right: every 997th value and the last ones against the reference.
bool agrees_with_reference(Picture& picture) {
  const AddNoise op = picture.op();
  add_noise(op);
  const std::vector<float> fast = picture.out;
  for (std::size_t i = 0; i < kCount; i += 997) {
    add_noise(Backend::kReference, op, {.first = i, .count = 1});
    if (std::abs(picture.out[i] - fast[i]) > 1e-5F) return false;
  }
  return true;
}

// One row for each instruction set of this machine, the one that is chosen first.
void run_on(benchmark::State& state, std::int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  Picture picture;
  if (!agrees_with_reference(picture)) state.SkipWithError("differs from the reference");
  for (auto _ : state) add_noise(picture.op());
  report(state);
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}
const bool registered = [] {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    if (target == HWY_SCALAR) continue;  // the reference
    const std::string name = std::string("BM_AddNoise/") + hwy::TargetName(target);
    benchmark::RegisterBenchmark(name.c_str(), run_on, target)->Unit(benchmark::kMillisecond);
  }
  return true;
}();

void BM_AddNoiseTwoThreads(benchmark::State& state) {
  Picture picture;
  constexpr std::size_t kHalf = kCount / 2;
  for (auto _ : state) {
    std::jthread second(
        [&] { add_noise(picture.op(), {.first = kHalf, .count = kCount - kHalf}); });
    add_noise(picture.op(), {.first = 0, .count = kHalf});
  }
  report(state);
}
BENCHMARK(BM_AddNoiseTwoThreads)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_DrawNormals(benchmark::State& state) {
  std::vector<float> z(kCount);
  for (auto _ : state) draw_normals(StreamKey{}, 0, z);
  report(state);
}
BENCHMARK(BM_DrawNormals)->Unit(benchmark::kMillisecond);

void BM_AddNoiseReference(benchmark::State& state) {
  Picture picture;
  constexpr std::size_t kPart = 1 << 16;
  for (auto _ : state) add_noise(Backend::kReference, picture.op(), {.first = 0, .count = kPart});
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kPart * sizeof(float)));
}
BENCHMARK(BM_AddNoiseReference)->Unit(benchmark::kMillisecond);

// Peer: the cipher of OpenSSL over the same bytes.
void BM_OpenSslChaCha20(benchmark::State& state) {
  using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const std::vector<unsigned char> zeros(kBytes), key(32), nonce(16);
  std::vector<unsigned char> stream(kBytes);
  for (auto _ : state) {
    int length = 0;
    EVP_EncryptInit_ex(context.get(), EVP_chacha20(), nullptr, key.data(), nonce.data());
    EVP_EncryptUpdate(context.get(), stream.data(), &length, zeros.data(),
                      static_cast<int>(kBytes));
    benchmark::DoNotOptimize(stream.data());
  }
  report(state);
}
BENCHMARK(BM_OpenSslChaCha20)->Unit(benchmark::kMillisecond);

// Physical limit: one read and one write of the tensor.
void BM_Memcpy(benchmark::State& state) {
  Picture picture;
  for (auto _ : state) {
    std::memcpy(picture.out.data(), picture.in.data(), kBytes);
    benchmark::DoNotOptimize(picture.out.data());
    benchmark::ClobberMemory();
  }
  report(state);
}
BENCHMARK(BM_Memcpy)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace scrim
