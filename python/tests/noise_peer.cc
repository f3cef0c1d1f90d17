// The same noise from C++, for the Python package to be compared with:
//   noise_peer RELEASE KEY ALPHA WIRE N K H W < activation > noisy
//   noise_peer --time RELEASE KEY ALPHA WIRE N K H W < activation   (microseconds of one call)
#include <scrim/noise.h>
#include <scrim/status.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr int kRounds = 3;
constexpr double kSecondsARound = 0.1;

scrim::WireType wire_of(const std::string& name) {
  if (name == "fp16") return scrim::WireType::kFp16;
  return name == "int8" ? scrim::WireType::kInt8 : scrim::WireType::kFp32;
}

// Of the processor, which other programs do not count in.
double seconds(auto&& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Of the quickest round, in microseconds.
double time_of(auto&& call) {
  const int calls = std::max(1, static_cast<int>(3 * kSecondsARound / seconds([&] {
                                                   for (int i = 0; i < 3; ++i) call();
                                                 })));
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    best = std::min(best, seconds([&] {
                            for (int i = 0; i < calls; ++i) call();
                          }) / calls);
  }
  return best * 1e6;
}

int run(std::span<const std::string> words, bool timed) {
  const auto release = scrim::Release::open(words[0]);
  const scrim::Noise noise(release, scrim::Key::load(words[1]),
                           {.alpha = std::stod(words[2]), .wire = wire_of(words[3])});
  scrim::Shape shape;
  for (const std::string& side : words.subspan(4)) shape.push_back(std::stoll(side));
  std::vector<float> in(static_cast<std::size_t>(scrim::element_count(shape)));
  std::cin.read(reinterpret_cast<char*>(in.data()),
                static_cast<std::streamsize>(in.size() * sizeof(float)));
  if (timed) {
    std::vector<float> out(in.size());
    std::cout << time_of([&] { noise(shape, in); }) << ' '
              << time_of([&] { noise.apply(shape, in, out); }) << '\n';
    return 0;
  }
  const auto noisy = noise(shape, in);
  std::cout.write(reinterpret_cast<const char*>(noisy.tensor().values.data()),
                  static_cast<std::streamsize>(in.size() * sizeof(float)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool timed = !words.empty() && words.front() == "--time";
  if (timed) words.erase(words.begin());
  if (words.size() != 8) return 2;
  try {
    return run(words, timed);
  } catch (const scrim::Error& error) {
    std::cerr << error.what() << '\n';
    return scrim::exit_code(error.code());
  }
}
