// What a clone of 500 MB in 2,000 files costs in a folder, beside `cp`; a list of 1,000 volumes.
//
// usage: bench_dataops_bench FOLDER     on the file system to be measured; 2 GB are written there
#include <scrim/dataops.h>
#include <scrim/status.h>

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>

namespace scrim {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kFiles = 2000, kVolumes = 1000, kRuns = 5;
constexpr std::size_t kFileBytes = 250'000;

double seconds(const std::function<void()>& run) {
  const auto start = Clock::now();
  run();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The median of some runs, each followed by `undo` outside the clock.
double median(const std::function<void()>& run, const std::function<void()>& undo) {
  std::vector<double> times;
  for (int i = 0; i < kRuns; ++i) {
    times.push_back(seconds(run));
    undo();
  }
  std::ranges::nth_element(times, times.begin() + kRuns / 2);
  return times[kRuns / 2];
}

void fill(const fs::path& folder) {
  std::mt19937_64 random(1);
  std::string bytes(kFileBytes, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (int i = 0; i < kFiles; ++i) {
    const fs::path inner = folder / std::to_string(i % 20);
    fs::create_directories(inner);
    std::ofstream(inner / std::to_string(i), std::ios::binary) << bytes;
  }
}

void row(const std::string& what, double value, const std::string& beside = "") {
  std::cout << std::left << std::setw(52) << what << std::right << std::fixed
            << std::setprecision(3) << std::setw(8) << value << " s  " << beside << "\n";
}

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw Error(ErrorCode::kUnavailable, command);
}

void bench_clones(const fs::path& root) {
  const auto engine = open_local(root);
  const Volume data = engine->create_volume("data", std::uint64_t{1} << 30, {}).object;
  fill(data.path);
  const Origin origin{ObjectKind::kVolume, "data"};
  std::string how;
  const double clone = median([&] { how = engine->clone_volume("copy", origin, {}, {}).how; },
                              [&] { engine->delete_volume("copy", Dependents::kRefuse); });
  const std::string target = (root.parent_path() / "copied").string();
  const auto copied_by = [&](const std::string& flags) {
    return median(
        [&] {
          shell("cp -a " + flags + " " + data.path.string() + " " + target + " 2> /dev/null");
        },
        [&] { fs::remove_all(target); });
  };
  row("clone of 500 MB in 2,000 files, by " + how, clone);
  const double automatic = copied_by("--reflink=auto");
  row("cp -a --reflink=auto", automatic, "clone / cp " + std::to_string(clone / automatic));
  row("cp -a --reflink=auto, and sync", copied_by("--reflink=auto") + seconds([] { ::sync(); }));
  const double snapshot = seconds([&] { engine->create_snapshot("data", "snap", {}); });
  row("snapshot", snapshot);
  row("restore", seconds([&] { engine->restore_snapshot("snap"); }));
  row("delete with its snapshot",
      seconds([&] { engine->delete_volume("data", Dependents::kCascade); }));
}

void bench_list(const fs::path& root) {
  const auto engine = open_local(root);
  const double made = seconds([&] {
    for (int i = 0; i < kVolumes; ++i) engine->create_volume("v" + std::to_string(i), 1, {});
  });
  row("create 1,000 volumes, each", made / kVolumes);
  row("list of 1,000 volumes", median([&] { engine->volumes(); }, [] {}), "wanted 0.050");
}

}  // namespace
}  // namespace scrim

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bench_dataops_bench FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = std::filesystem::path(argv[1]) / "scrim-dataops-bench";
  std::filesystem::create_directories(folder);
  scrim::bench_clones(folder / "clones");
  scrim::bench_list(folder / "list");
  std::filesystem::remove_all(folder);
  return 0;
}
