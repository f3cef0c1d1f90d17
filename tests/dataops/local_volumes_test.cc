// The verbs on volumes and snapshots, also when they are killed, disturbed or refused.
#include <scrim/dataops.h>

#include "base/files.h"
#include "dataops/loop_file_system.h"
#include "support/expect_error.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace scrim {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

const Origin kSnap{ObjectKind::kSnapshot, "snap"}, kData{ObjectKind::kVolume, "data"};

struct LocalVolumesTest : testing::Test {
  std::unique_ptr<DataOps> open(LocalOptions options = {}) const {
    return open_local(root, std::move(options));
  }

  // A volume "data" of two files, and its snapshot "snap", after which the volume changed.
  void fill() const {
    const auto engine = open();
    const Volume volume = engine->create_volume("data", 1 << 20, {{"team", "vision"}}).object;
    write_new_file(volume.path / "one", "1");
    fs::create_directory(volume.path / "more");
    write_new_file(volume.path / "more/two", "2");
    engine->create_snapshot("data", "snap", {});
    write_file_atomically(volume.path / "one", "changed");
  }

  std::size_t staged() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root / "default/staging"), fs::directory_iterator()));
  }

  TemporaryFolder folder;
  const fs::path root = folder / "root";
};

TEST_F(LocalVolumesTest, AVolumeIsMadeOnce) {
  const auto engine = open();
  const auto made = engine->create_volume("data", 5 << 20, {{"team", "vision"}});
  EXPECT_TRUE(made.changed);
  EXPECT_TRUE(fs::is_directory(made.object.path));
  EXPECT_FALSE(engine->create_volume("data", 5 << 20, {{"team", "vision"}}).changed);
  expect_error(ErrorCode::kInvalidArgument, "a volume 'data' already, of 5Mi and from nothing",
               [&] {
                 engine->create_volume("data", 6 << 20, {{"team", "vision"}});
               });
  expect_error(ErrorCode::kInvalidArgument, "with other labels",
               [&] { engine->create_volume("data", 5 << 20, {}); });
  ASSERT_EQ(open()->volumes().size(), 1U);
  EXPECT_EQ(open()->volume("data").labels.at("team"), "vision");
  EXPECT_EQ(staged(), 0U);
}

TEST_F(LocalVolumesTest, ClonesAreIndependentOfWhatTheyCameFrom) {
  fill();
  const auto engine = open();
  const auto clone = engine->clone_volume("copy", kSnap, {}, {});
  EXPECT_FALSE(clone.how.empty());
  EXPECT_EQ(read_file(clone.object.path / "one"), "1");
  EXPECT_EQ(read_file(clone.object.path / "more/two"), "2");
  EXPECT_EQ(engine->volume("copy").origin->name, "snap");
  EXPECT_FALSE(engine->clone_volume("copy", kSnap, {}, {}).changed);
  const auto direct = engine->clone_volume("direct", kData, 2 << 20, {});
  EXPECT_EQ(read_file(direct.object.path / "one"), "changed");
  EXPECT_EQ(direct.object.size, 2U << 20);
  engine->delete_snapshot("snap");
  engine->delete_volume("data", Dependents::kRefuse);
  EXPECT_EQ(read_file(clone.object.path / "one"), "1");
  expect_error(ErrorCode::kInvalidArgument, "smaller than volume 'direct' of 2Mi", [&] {
    engine->clone_volume("x", {ObjectKind::kVolume, "direct"}, 1, {});
  });
  expect_error(ErrorCode::kNotFound, "there is no snapshot 'snap'",
               [&] { engine->clone_volume("x", kSnap, {}, {}); });
}

TEST_F(LocalVolumesTest, ARestoreBringsTheFilesBackAndKeepsTheRest) {
  fill();
  const auto engine = open();
  engine->resize_volume("data", 8 << 20);
  write_new_file(engine->volume("data").path / "three", "3");
  const Volume restored = engine->restore_snapshot("snap").object;
  EXPECT_EQ(read_file(restored.path / "one"), "1");
  EXPECT_FALSE(fs::exists(restored.path / "three"));
  EXPECT_EQ(engine->volume("data").size, 8U << 20);
  EXPECT_EQ(engine->volume("data").labels.at("team"), "vision");
  EXPECT_EQ(engine->volume("data").origin->name, "snap");
  engine->delete_volume("data", Dependents::kKeep);
  EXPECT_EQ(read_file(engine->restore_snapshot("snap").object.path / "one"), "1")
      << "a volume that is gone comes back";
  EXPECT_EQ(staged(), 0U);
}

TEST_F(LocalVolumesTest, ADeleteSaysWhatDependsOnIt) {
  fill();
  const auto engine = open();
  engine->create_snapshot("data", "later", {});
  expect_error(ErrorCode::kRefused, "volume 'data' has snapshots: later, snap",
               [&] { engine->delete_volume("data", Dependents::kRefuse); });
  engine->delete_volume("data", Dependents::kCascade);
  EXPECT_TRUE(engine->volumes().empty());
  EXPECT_TRUE(engine->snapshots().empty());
  expect_error(ErrorCode::kNotFound, "there is no volume 'data'",
               [&] { engine->delete_volume("data", Dependents::kRefuse); });
}

TEST_F(LocalVolumesTest, AVolumeInUseIsNeitherReplacedNorDeleted) {
  fill();
  const auto engine = open();
  const std::string file = (engine->volume("data").path / "one").string();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::open(file.c_str(), O_RDONLY);
    [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const std::string who = "(pid " + std::to_string(child) + ")";
  expect_error(ErrorCode::kRefused, who, [&] { engine->restore_snapshot("snap"); });
  expect_error(ErrorCode::kRefused, who, [&] { engine->delete_volume("data", Dependents::kKeep); });
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(engine->restore_snapshot("snap").changed);
}

TEST_F(LocalVolumesTest, ResizingStopsAtWhatIsHeld) {
  const auto engine = open();
  const Volume volume = engine->create_volume("data", 1 << 20, {}).object;
  write_new_file(volume.path / "file", std::string(100'000, 'x'));
  EXPECT_EQ(engine->usage(kData)->files, 1U);
  EXPECT_GE(engine->usage(kData)->bytes, 100'000U);
  EXPECT_TRUE(engine->resize_volume("data", 2 << 20).changed);
  EXPECT_FALSE(engine->resize_volume("data", 2 << 20).changed);
  expect_error(ErrorCode::kInvalidArgument, "cannot become 1Ki",
               [&] { engine->resize_volume("data", 1024); });
}

TEST_F(LocalVolumesTest, SnapshotsWithoutANameAreDated) {
  fill();
  const auto made = open()->create_snapshot("data", "", {});
  EXPECT_EQ(made.object.name.size(), std::string("data.20261127120000").size());
  EXPECT_FALSE(open()->create_snapshot("data", "snap", {}).changed);
  open()->create_volume("other", 1, {});
  expect_error(ErrorCode::kInvalidArgument, "a snapshot 'snap' already, of volume 'data'",
               [&] { open()->create_snapshot("other", "snap", {}); });
}

TEST_F(LocalVolumesTest, WhoWaitsIsToldForWhom) {
  fill();
  std::atomic<bool> copying = false, over = false;
  const auto slow = [&](std::string_view step) {
    if (step != "appear") return;
    copying = true;
    while (!over) std::this_thread::sleep_for(milliseconds{1});
  };
  std::thread other([&] { open({.on_step = slow})->clone_volume("copy", kData, {}, {}); });
  while (!copying) std::this_thread::sleep_for(milliseconds{1});
  expect_error(ErrorCode::kUnavailable, "does 'clone volume' since", [&] {
    open({.timeout = milliseconds{10}})->delete_volume("data", Dependents::kKeep);
  });
  over = true;
  other.join();
  EXPECT_EQ(open()->volumes().size(), 2U);
}

// Ends a child at each step of a verb in turn, and hands what is left to `check`.
template <typename Verb, typename Check>
void kill_at_each_step(const LocalVolumesTest& test, const Verb& verb, const Check& check) {
  for (int last = 1;; ++last) {
    const pid_t child = ::fork();
    if (child == 0) {
      int step = 0;
      const auto count = [&](std::string_view) {
        if (++step == last) ::raise(SIGKILL);
      };
      verb(*test.open({.on_step = count}));
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    SCOPED_TRACE("killed at step " + std::to_string(last));
    const auto engine = test.open();  // sweeps
    EXPECT_EQ(test.staged(), 0U) << "nothing is left";
    check(*engine);
    if (!WIFSIGNALED(status)) {
      EXPECT_GE(last, 4) << "there are steps";
      return;
    }
  }
}

TEST_F(LocalVolumesTest, AKilledCreateLeavesAWholeVolumeOrNone) {
  const auto verb = [](DataOps& engine) { engine.create_volume("new", 1 << 20, {}); };
  kill_at_each_step(*this, verb, [&](DataOps& engine) {
    EXPECT_LE(engine.volumes().size(), 1U);
    verb(engine);
    EXPECT_TRUE(fs::is_directory(engine.volume("new").path));
    engine.delete_volume("new", Dependents::kRefuse);
  });
}

TEST_F(LocalVolumesTest, AKilledCloneLeavesAWholeVolumeOrNone) {
  fill();
  const auto verb = [](DataOps& engine) { engine.clone_volume("copy", kSnap, {}, {}); };
  kill_at_each_step(*this, verb, [&](DataOps& engine) {
    EXPECT_EQ(read_file(engine.snapshot("snap").path / "one"), "1");
    verb(engine);
    EXPECT_EQ(read_file(engine.volume("copy").path / "more/two"), "2");
    engine.delete_volume("copy", Dependents::kRefuse);
  });
}

TEST_F(LocalVolumesTest, AKilledRestoreLeavesTheOldFilesOrTheNewOnes) {
  fill();
  const auto verb = [](DataOps& engine) { engine.restore_snapshot("snap"); };
  kill_at_each_step(*this, verb, [&](DataOps& engine) {
    const Volume volume = engine.volume("data");
    const std::string now = read_file(volume.path / "one");
    EXPECT_TRUE(now == "changed" || now == "1") << now;
    EXPECT_EQ(read_file(volume.path / "more/two"), "2");
    verb(engine);
    EXPECT_EQ(read_file(engine.volume("data").path / "one"), "1");
    EXPECT_EQ(engine.volume("data").labels.at("team"), "vision");
    write_file_atomically(engine.volume("data").path / "one", "changed");
  });
}

TEST_F(LocalVolumesTest, AKilledDeleteLeavesAWholeVolumeOrNone) {
  fill();
  const auto verb = [](DataOps& engine) { engine.delete_volume("data", Dependents::kKeep); };
  kill_at_each_step(*this, verb, [&](DataOps& engine) {
    if (engine.volumes().empty()) engine.restore_snapshot("snap");
    EXPECT_EQ(read_file(engine.volume("data").path / "more/two"), "2");
  });
}

TEST_F(LocalVolumesTest, ManyAtOnceLoseNothing) {
  fill();
  const auto until = std::chrono::steady_clock::now() + milliseconds{1500};
  std::atomic<int> clones = 0;
  const auto work = [&](int number) {
    const auto engine = open();
    const std::string name = "copy-" + std::to_string(number);
    while (std::chrono::steady_clock::now() < until) {
      const Origin from = number % 2 == 0 ? kSnap : kData;
      const Volume copy = engine->clone_volume(name, from, {}, {}).object;
      EXPECT_EQ(read_file(copy.path / "more/two"), "2");
      write_file_atomically(copy.path / "one", name);
      if (number == 0) engine->restore_snapshot("snap");
      engine->create_snapshot(name, name, {});
      engine->delete_volume(name, Dependents::kCascade);
      ++clones;
    }
  };
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) threads.emplace_back(work, number);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(clones, 8);
  const auto engine = open();
  EXPECT_EQ(engine->volumes().size(), 1U);
  EXPECT_EQ(engine->snapshots().size(), 1U);
  EXPECT_EQ(read_file(engine->volume("data").path / "one"), "1");
  EXPECT_EQ(staged(), 0U);
}

TEST_F(LocalVolumesTest, OneOfTwoThatMakeTheSameVolumeWins) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> made = 0;
    const auto work = [&] { made += open()->create_volume("same", 1 << 20, {}).changed ? 1 : 0; };
    std::thread one(work), two(work);
    one.join();
    two.join();
    EXPECT_EQ(made, 1);
    open()->delete_volume("same", Dependents::kRefuse);
  }
}

TEST(LocalEngineDisk, AFullDiskLeavesEverythingAsItWas) {
  const LoopFileSystem system("ext4", 32);
  if (!system.mounted()) GTEST_SKIP() << "no mount of ext4 here";
  const auto engine = open_local(system.path() / "root");
  const Volume volume = engine->create_volume("data", 1 << 25, {}).object;
  write_new_file(volume.path / "large", std::string(16'000'000, 'x'));
  expect_error(ErrorCode::kUnavailable, "No space left on device",
               [&] { engine->clone_volume("copy", kData, {}, {}); });
  EXPECT_EQ(engine->volumes().size(), 1U);
  EXPECT_TRUE(fs::is_empty(system.path() / "root/default/staging"));
  EXPECT_EQ(fs::file_size(volume.path / "large"), 16'000'000U);
}

TEST(LocalEngineDisk, AReadOnlyRootIsReadAndNotWritten) {
  const LoopFileSystem system("ext4", 32);
  if (!system.mounted()) GTEST_SKIP() << "no mount of ext4 here";
  open_local(system.path() / "root")->create_volume("data", 1 << 20, {});
  ASSERT_TRUE(system.make_read_only());
  const auto engine = open_local(system.path() / "root");
  EXPECT_EQ(engine->volumes().size(), 1U);
  expect_error(ErrorCode::kUnavailable, "Read-only file system",
               [&] { engine->create_volume("other", 1, {}); });
  expect_error(ErrorCode::kUnavailable, "Read-only file system",
               [&] { engine->delete_volume("data", Dependents::kRefuse); });
}

TEST(LocalEngineDisk, OnBtrfsVolumesAreSubvolumes) {
  const LoopFileSystem system("btrfs");
  if (!system.mounted()) GTEST_SKIP() << "no mount of btrfs here";
  const auto engine = open_local(system.path() / "root");
  const Volume volume = engine->create_volume("data", 1 << 20, {}).object;
  write_new_file(volume.path / "one", "1");
  EXPECT_EQ(engine->create_snapshot("data", "snap", {}).how, "subvolume");
  write_file_atomically(volume.path / "one", "2");
  EXPECT_EQ(engine->clone_volume("copy", kSnap, {}, {}).how, "subvolume");
  EXPECT_EQ(engine->restore_snapshot("snap").how, "subvolume");
  EXPECT_EQ(read_file(engine->volume("data").path / "one"), "1");
  engine->delete_volume("data", Dependents::kCascade);
  engine->delete_volume("copy", Dependents::kRefuse);
  EXPECT_TRUE(fs::is_empty(system.path() / "root/default/staging"));
}

}  // namespace
}  // namespace scrim
