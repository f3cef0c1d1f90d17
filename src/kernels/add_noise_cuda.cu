// One thread draws one ChaCha block: 16 values, written as four float4 that stand 128 floats apart,
// so that neighbouring threads write next to each other.
//
// The device reads and writes the caller's memory, which must be managed or pinned: then a device
// that fails can be replaced by the processor, and no clean value is left behind.
#include "kernels/add_noise_backends.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace scrim::cuda {
namespace {

constexpr unsigned kThreads = 128;
// Channels whose parameters travel with one launch; more take several launches.
constexpr std::size_t kParameters = 256;

// Everything that a launch needs, by value: no transfer, no allocation.
struct Launch {
  std::uint32_t state[kWordsPerBlock];
  const float* in;  // null for the draws alone
  float* out;       // element i of the sample is out[i - origin], as in `in`
  std::uint64_t origin;
  std::uint64_t first, end;  // elements
  std::uint64_t channel_size;
  std::uint64_t first_channel;  // that of scale[0]
  float clip;
  float scale[kParameters], sigma[kParameters];
};

__device__ __forceinline__ void quarter_round(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c,
                                              std::uint32_t& d) {
  a += b, d ^= a, d = __funnelshift_l(d, d, 16);
  c += d, b ^= c, b = __funnelshift_l(b, b, 12);
  a += b, d ^= a, d = __funnelshift_l(d, d, 8);
  c += d, b ^= c, b = __funnelshift_l(b, b, 7);
}

__device__ __forceinline__ void draw_block(const std::uint32_t* state, std::uint32_t counter,
                                           std::uint32_t (&x)[kWordsPerBlock]) {
#pragma unroll
  for (int j = 0; j < 16; ++j) x[j] = j == 12 ? counter : state[j];
#pragma unroll 2
  for (int double_round = 0; double_round < 10; ++double_round) {
#pragma unroll
    for (int j = 0; j < 4; ++j) quarter_round(x[j], x[4 + j], x[8 + j], x[12 + j]);
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      quarter_round(x[j], x[4 + (j + 1) % 4], x[8 + (j + 2) % 4], x[12 + (j + 3) % 4]);
    }
  }
#pragma unroll
  for (int j = 0; j < 16; ++j) x[j] += j == 12 ? counter : state[j];
}

// radius() and cos_sin() are those of normals-inl.h, operation by operation. Each is rounded as
// IEEE 754 says and the compiler may fuse none of them, so the draws are those of AVX2 bit for bit.
__device__ __forceinline__ float radius(std::uint32_t w1) {
  const int bits = __float_as_int(__fadd_rn(__uint2float_rn(w1), 0.5F));
  const int e = (bits - 0x3f2aaaab) >> 23;
  const float s = __fadd_rn(__int_as_float(bits - e * (1 << 23)), -1.0F);
  const float exponent = __int2float_rn(e - 32);
  float p = 0x1.093280p-2F;
  p = __fmaf_rn(p, s, -0x1.1ed134p-2F);
  p = __fmaf_rn(p, s, 0x1.f25d8cp-3F);
  p = __fmaf_rn(p, s, -0x1.1ebe6cp-2F);
  p = __fmaf_rn(p, s, 0x1.55a758p-2F);
  p = __fmaf_rn(p, s, -0x1.99d1f2p-2F);
  p = __fmaf_rn(p, s, 0x1.fffe84p-2F);
  p = __fmaf_rn(p, s, -0x1.555502p-1F);
  p = __fmaf_rn(p, s, 1.0F);
  const float log_one_plus_s = __fmaf_rn(__fmul_rn(s, s), p, __fmul_rn(s, -2.0F));
  const float low = __fmaf_rn(exponent, -0x1.7f7d1cp-19F, log_one_plus_s);
  return __fsqrt_rn(__fmaf_rn(exponent, -0x1.62e400p+0F, low));
}

__device__ __forceinline__ void cos_sin(std::uint32_t w2, float& c, float& s) {
  const std::uint32_t shifted = w2 + 0x20000000U;
  const int m = static_cast<int>(shifted & 0x3fffffffU) - 0x20000000;
  const float x = __fmul_rn(__int2float_rn(m), 0x1p-31F);
  const float u = __fmul_rn(x, x);
  float sine = __fmaf_rn(u, -0x1.2d9302p-1F, 0x1.465e92p+1F);
  sine = __fmaf_rn(u, sine, -0x1.4abbbap+2F);
  sine = __fmaf_rn(u, sine, -0x1.a32b9ap-24F);
  sine = __fmaf_rn(x, 0x1.921fb6p+1F, __fmul_rn(x, sine));
  float cosine = __fmaf_rn(u, 0x1.d4a422p-3F, -0x1.55b1e0p+0F);
  cosine = __fmaf_rn(u, cosine, 0x1.03c1b0p+2F);
  cosine = __fmaf_rn(u, cosine, -0x1.3bd3ccp+2F);
  cosine = __fmaf_rn(u, cosine, 1.0F);
  const unsigned quadrant = shifted >> 30;
  const bool odd = (quadrant & 1U) != 0;
  c = quadrant == 1U || quadrant == 2U ? -(odd ? sine : cosine) : (odd ? sine : cosine);
  s = quadrant >= 2U ? -(odd ? cosine : sine) : (odd ? cosine : sine);
}

__device__ __forceinline__ float apply(const Launch& launch, float x, std::uint64_t c, float z) {
  const float held = fminf(fmaxf(x, -launch.clip), launch.clip);
  return __fmaf_rn(launch.sigma[c], z, __fmul_rn(launch.scale[c], held));
}

// Writes draws i .. i + 3, of one block and therefore at a multiple of four.
__device__ __forceinline__ void write_four(const Launch& launch, std::uint64_t i,
                                           const float (&z)[4]) {
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const std::uint64_t element = i + k;
    if (element < launch.first || element >= launch.end) continue;
    const std::uint64_t at = element - launch.origin;
    if (launch.in == nullptr) {
      launch.out[at] = z[k];
    } else {
      const std::uint64_t c = element / launch.channel_size - launch.first_channel;
      launch.out[at] = apply(launch, launch.in[at], c, z[k]);
    }
  }
}

// The same for four elements inside one channel, in and out at 16 bytes.
__device__ __forceinline__ void write_vector(const Launch& launch, std::uint64_t i,
                                             const float (&z)[4]) {
  const std::uint64_t c = i / launch.channel_size - launch.first_channel;
  const float4 x = *reinterpret_cast<const float4*>(launch.in + (i - launch.origin));
  *reinterpret_cast<float4*>(launch.out + (i - launch.origin)) =
      make_float4(apply(launch, x.x, c, z[0]), apply(launch, x.y, c, z[1]),
                  apply(launch, x.z, c, z[2]), apply(launch, x.w, c, z[3]));
}

template <bool kVectors>
__global__ void add_noise_kernel(const Launch launch) {
  const std::uint64_t thread = std::uint64_t{blockIdx.x} * kThreads + threadIdx.x;
  const std::uint64_t block = launch.first / kGroup * kBlocksPerGroup + thread;
  const std::uint64_t start = block / kBlocksPerGroup * kGroup;
  if (start >= launch.end) return;

  std::uint32_t words[kWordsPerBlock];
  draw_block(launch.state, static_cast<std::uint32_t>(block), words);
#pragma unroll
  for (int q = 0; q < 4; ++q) {
    float z[4];
#pragma unroll
    for (int k = 0; k < 4; k += 2) {
      const float r = radius(words[4 * q + k]);
      cos_sin(words[4 * q + k + 1], z[k], z[k + 1]);
      z[k] = __fmul_rn(r, z[k]);
      z[k + 1] = __fmul_rn(r, z[k + 1]);
    }
    const std::uint64_t i = start + 128 * q + 4 * (block % kBlocksPerGroup);
    if (kVectors && i >= launch.first && i + 4 <= launch.end) {
      write_vector(launch, i, z);
    } else {
      write_four(launch, i, z);
    }
  }
}

// The address at which the device finds the caller's memory; null where it cannot reach it or the
// processor could not take over.
template <typename T>
T* on_device(T* memory) {
  cudaPointerAttributes attributes = {};
  if (cudaPointerGetAttributes(&attributes, memory) != cudaSuccess) {
    cudaGetLastError();  // forget it: the next call must not report it
    return nullptr;
  }
  const bool shared =
      attributes.type == cudaMemoryTypeManaged || attributes.type == cudaMemoryTypeHost;
  return shared ? static_cast<T*>(attributes.devicePointer) : nullptr;
}

bool is_vector_aligned(const void* memory) {
  return reinterpret_cast<std::uintptr_t>(memory) % sizeof(float4) == 0;
}

bool run(const Launch& launch) {
  if (launch.first == launch.end) return true;
  const std::uint64_t groups = (launch.end - 1) / kGroup - launch.first / kGroup + 1;
  const auto grid = static_cast<unsigned>((groups * kBlocksPerGroup + kThreads - 1) / kThreads);
  const bool vectors = launch.in != nullptr && launch.channel_size % 4 == 0 &&
                       launch.origin % 4 == 0 && is_vector_aligned(launch.in) &&
                       is_vector_aligned(launch.out);
  if (vectors) {
    add_noise_kernel<true><<<grid, kThreads>>>(launch);
  } else {
    add_noise_kernel<false><<<grid, kThreads>>>(launch);
  }
  return cudaGetLastError() == cudaSuccess;
}

}  // namespace

bool is_available() noexcept {
  int count = 0;
  const bool found = cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
  if (!found) cudaGetLastError();
  return found;
}

bool add_noise(const AddNoise& op, Part part) noexcept {
  if (part.count == 0) return true;
  // In place is left to the processor: after a failure halfway nobody could tell what was noisy.
  if (!is_available() || op.in.data() == op.out.data()) return false;
  Launch launch = {};
  std::ranges::copy(chacha20_state(op.key, 0), launch.state);
  launch.in = on_device(op.in.data());
  launch.out = on_device(op.out.data());
  if (launch.in == nullptr || launch.out == nullptr) return false;
  launch.channel_size = op.in.size() / op.scale.size();
  launch.clip = op.clip;

  const std::size_t end = part.first + part.count;
  for (std::size_t c = part.first / launch.channel_size; c * launch.channel_size < end;
       c += kParameters) {
    const std::size_t channels = std::min(kParameters, op.scale.size() - c);
    launch.first_channel = c;
    std::copy_n(op.scale.data() + c, channels, launch.scale);
    std::copy_n(op.sigma.data() + c, channels, launch.sigma);
    launch.first = std::max<std::uint64_t>(part.first, c * launch.channel_size);
    launch.end = std::min<std::uint64_t>(end, (c + channels) * launch.channel_size);
    if (!run(launch)) return false;
  }
  return cudaStreamSynchronize(nullptr) == cudaSuccess;
}

bool draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept {
  if (z.empty()) return true;
  if (!is_available()) return false;
  Launch launch = {};
  std::ranges::copy(chacha20_state(key, 0), launch.state);
  launch.out = on_device(z.data());
  if (launch.out == nullptr) return false;
  launch.origin = first;
  launch.first = first;
  launch.end = first + z.size();
  return run(launch) && cudaStreamSynchronize(nullptr) == cudaSuccess;
}

}  // namespace scrim::cuda
