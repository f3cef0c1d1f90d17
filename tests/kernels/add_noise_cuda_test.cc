// The device on memory that it reaches; add_noise_test.cc shows what happens on other memory.
#include "kernels/add_noise_backends.h"
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <cuda_runtime.h>

#include <algorithm>

namespace scrim {
namespace {

// Floats that processor and device share.
class Managed {
 public:
  explicit Managed(const std::vector<float>& values) : size_(values.size()) {
    if (cudaMallocManaged(reinterpret_cast<void**>(&data_), size_ * sizeof(float)) != cudaSuccess) {
      throw std::bad_alloc();
    }
    std::ranges::copy(values, data_);
  }
  ~Managed() { cudaFree(data_); }
  Managed(const Managed&) = delete;
  Managed& operator=(const Managed&) = delete;
  std::span<float> span() { return {data_, size_}; }

 private:
  std::size_t size_;
  float* data_ = nullptr;
};

class AddNoiseCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  }
};

TEST_F(AddNoiseCuda, DrawIsWithinFourUlpFromEveryStart) {
  const StreamKey key = counting_stream_key();
  for (const std::size_t first : {0UL, 1UL, 511UL, 512UL, 1000UL, kMaxElements - 1500}) {
    Managed z(std::vector<float>(1500));
    ASSERT_TRUE(cuda::draw_normals(key, first, z.span()));
    const std::vector<float> expected = reference_draws(key, first, 1500);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_LE(ulps_apart(z.span()[i], expected[i]), 4) << "draw " << first + i;
    }
  }
}

TEST_F(AddNoiseCuda, ChannelsAndPartsMatchReference) {
  for (const auto& [channels, channel_size] :
       {std::pair{1UL, 2000UL}, {700, 8}, {300, 3}, {5, 512}}) {
    Sample sample(channels, channel_size);
    const Part part = {.first = 7, .count = sample.size() - 20};
    add_noise(Backend::kReference, sample.op(), part);
    Managed in(sample.in), out(std::vector<float>(sample.size(), Sample::kUntouched));
    AddNoise op = sample.op();
    op.in = in.span();
    op.out = out.span();
    ASSERT_TRUE(cuda::add_noise(op, part));
    expect_same_noise(sample, {op.out.begin(), op.out.end()}, sample.out);
  }
}

TEST_F(AddNoiseCuda, MemoryThatTheDeviceCannotReachIsLeftToTheProcessor) {
  Sample sample(2, 100);
  EXPECT_FALSE(cuda::add_noise(sample.op(), sample.whole()));
  EXPECT_EQ(sample.out, std::vector<float>(200, Sample::kUntouched));
}

TEST_F(AddNoiseCuda, InPlaceIsLeftToTheProcessor) {
  Sample sample(2, 100);
  Managed memory(sample.in);
  AddNoise op = sample.op();
  op.in = op.out = memory.span();
  EXPECT_FALSE(cuda::add_noise(op, sample.whole()));
}

}  // namespace
}  // namespace scrim
