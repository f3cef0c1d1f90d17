// How well a server tells noisy activations from clean ones, on real pictures: what it lets through
// of activations without noise, and what it refuses of those whose noise was added as declared.
//
// usage: bench_contract_bench RELEASE DATASET [ACTIVATIONS]     2,000 if no number is given
#include "repository/release_contract.h"
#include "server/contract_check.h"

#include <scrim/dataset.h>
#include <scrim/network.h>
#include <scrim/noise.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>

namespace scrim {
namespace {

ReleaseContract contract_of(const Release& release) {
  std::ifstream file(release.folder() / "server" / "contract.json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return *read_contract({{kContractParameter, text}, {kReleaseParameter, release.id()}}, "bench");
}

Image mirrored(const Image& image) {
  Image result = image;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto from = static_cast<std::size_t>(3 * (y * image.width + x));
      const auto to = static_cast<std::size_t>(3 * (y * image.width + image.width - 1 - x));
      std::copy_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(from), 3,
                  result.pixels.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  return result;
}

// The middle of the picture, three quarters of it each way.
Image middle(const Image& image) {
  Image result{image.width * 3 / 4, image.height * 3 / 4, {}};
  const int left = image.width / 8, top = image.height / 8;
  for (int y = 0; y < result.height; ++y) {
    const auto begin = image.pixels.begin() + 3 * ((y + top) * image.width + left);
    result.pixels.insert(result.pixels.end(), begin, begin + 3 * result.width);
  }
  return result;
}

CheckedRequest request_of(const Tensor& tensor) {
  TensorMessage input;
  input.name = "INPUT__0";
  input.shape = tensor.shape;
  input.bytes = TensorBytes::borrow(
      {reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float)});
  CheckedRequest request;
  request.inputs.push_back(std::move(input));
  return request;
}

struct Counts {
  int noisy_refused = 0;    // noise as declared: one in a million by the bound
  int raw_refused = 0;      // the head's output as it is
  int scaled_refused = 0;   // clipped and scaled as declared, and the noise forgotten
  int rounded_refused = 0;  // that, and rounded to the grid on purpose
};

class Bench {
 public:
  explicit Bench(const Release& release)
      : head_(Head::open(release)), contract_(contract_of(release)), clip_(release.noise().clip) {
    for (const auto& level : contract_.levels) {
      noises_.emplace_back(release, Key::from_bytes({}),
                           NoiseOptions{.alpha = level.alpha, .draw = Draw::kFresh});
    }
    counts_.resize(noises_.size());
    input_ = release.manifest().input;
  }

  void add(const Image& image) {
    const Activation activation = head_(to_input(image, input_));
    for (std::size_t a = 0; a < noises_.size(); ++a) {
      const auto& level = contract_.levels[a];
      counts_[a].noisy_refused += refuses(noises_[a](activation).tensor(), level.alpha);
      counts_[a].raw_refused += refuses(activation.tensor, level.alpha);
      Tensor scaled = activation.tensor;
      const auto cells = static_cast<std::size_t>(scaled.shape[2] * scaled.shape[3]);
      for (std::size_t i = 0; i < scaled.values.size(); ++i) {
        scaled.values[i] = level.scale[i / cells % level.scale.size()] *
                           std::clamp(scaled.values[i], -clip_, clip_);
      }
      counts_[a].scaled_refused += refuses(scaled, level.alpha);
      for (std::size_t i = 0; i < scaled.values.size(); ++i) {
        const float step = grid_step(level.sigma[i / cells % level.sigma.size()]);
        float& value = scaled.values[i];
        value = step > 0 ? std::nearbyint(value / step) * step : 0.0F;
      }
      counts_[a].rounded_refused += refuses(scaled, level.alpha);
    }
    ++activations_;
  }

  int activations() const { return activations_; }

  void report() const {
    const auto percent = [this](int count) { return 100.0 * count / activations_; };
    std::cout << activations_ << " activations\n"
              << "alpha    noisy refused   raw refused   scaled refused   on the grid refused\n"
              << std::fixed << std::setprecision(2);
    for (std::size_t a = 0; a < counts_.size(); ++a) {
      std::cout << std::setw(5) << contract_.levels[a].alpha << std::setw(15)
                << percent(counts_[a].noisy_refused) << " %" << std::setw(12)
                << percent(counts_[a].raw_refused) << " %" << std::setw(15)
                << percent(counts_[a].scaled_refused) << " %" << std::setw(18)
                << percent(counts_[a].rounded_refused) << " %\n";
    }
  }

 private:
  bool refuses(const Tensor& tensor, double alpha) {
    try {
      gate_.admit(contract_, "bench",
                  {{kReleaseParameter, contract_.release}, {kAlphaParameter, alpha}},
                  request_of(tensor));
      return false;
    } catch (const ContractError&) {
      return true;
    }
  }

  Head head_;
  ReleaseContract contract_;
  float clip_;
  InputRules input_;
  std::vector<Noise> noises_;
  std::vector<Counts> counts_;
  ContractGate gate_;
  int activations_ = 0;
};

int run(const char* release, const char* folder, int wanted) {
  Bench bench(Release::open(release));
  const Dataset dataset = Dataset::open(folder);
  using Change = Image (*)(const Image&);
  for (const Change change :
       {Change([](const Image& image) { return image; }), Change(mirrored), Change(middle)}) {
    for (const Sample& sample : dataset.samples()) {
      if (bench.activations() == wanted) break;
      bench.add(change(read_image(sample.path)));
    }
  }
  bench.report();
  return 0;
}

}  // namespace
}  // namespace scrim

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: bench_contract_bench RELEASE DATASET [ACTIVATIONS]\n";
    return 2;
  }
  return scrim::run(arguments[1], arguments[2], count > 3 ? std::atoi(arguments[3]) : 2000);
}
