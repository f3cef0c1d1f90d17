#include <scrim/noise.h>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <thread>
#include <vector>

namespace scrim {
namespace {

Key accountant_key(std::uint8_t fill = 1) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(fill);
  return Key::from_bytes(bytes);
}

Activation counted_activation(unsigned seed, std::int64_t samples = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Activation activation{{{samples, 3, 4, 4}, std::vector<float>(samples * 48)}};
  for (float& value : activation.tensor.values) value = normal(generator);
  return activation;
}

class AccountantTest : public ::testing::Test {
 protected:
  std::shared_ptr<Accountant> open(double least_alpha, const char* name = "account") const {
    return Accountant::open(folder_ / name, release_, accountant_key(),
                            {.least_alpha = least_alpha});
  }
  Noise fresh(std::shared_ptr<Accountant> accountant, std::string source = {}) const {
    return Noise(release_, accountant_key(),
                 {.alpha = 0.8,
                  .draw = Draw::kFresh,
                  .accountant = std::move(accountant),
                  .source = std::move(source)});
  }

  TemporaryFolder folder_;
  Release release_ = tiny_release(folder_, tiny_noise());
  Activation activation_ = counted_activation(1);
};

TEST_F(AccountantTest, CountsFreshDrawsByInput) {
  const Noise noise = fresh(open(0.1));
  const Activation other = counted_activation(2);
  for (int n = 0; n < 3; ++n) noise(activation_);
  noise(other);
  EXPECT_EQ(noise.spent(activation_).releases, 3);
  EXPECT_EQ(noise.spent(other).releases, 1);
  EXPECT_NEAR(noise.spent(other).alpha, noise.realised_alpha(), 1e-9);
  EXPECT_LT(noise.spent(activation_).alpha, noise.spent(other).alpha);
  EXPECT_EQ(noise.spent(counted_activation(3)).alpha, 1.0);
}

TEST_F(AccountantTest, RefusesTheReleaseThatWouldGoTooFarAndOnlyThat) {
  const auto accountant = open(0.6);
  const Noise noise = fresh(accountant);
  noise(activation_);
  noise(activation_);  // alpha .68
  expect_error(ErrorCode::kRefused, "release 3 of one input or source is refused",
               [&] { noise(activation_); });
  EXPECT_EQ(noise.spent(activation_).releases, 2) << "what was refused is not counted";
  EXPECT_GE(accountant->most_spent().alpha, 0.6);
  EXPECT_NO_THROW(noise(counted_activation(2)));
}

TEST_F(AccountantTest, ARefusedBatchLeavesNothingAndCountsNothing) {
  const auto accountant = open(0.75);
  const Noise noise = fresh(accountant);
  noise(activation_);
  Activation batch = counted_activation(2, 2);
  std::copy(activation_.tensor.values.begin(), activation_.tensor.values.end(),
            batch.tensor.values.begin() + 48);
  std::vector<float> out(96, 42.0F);
  expect_error(ErrorCode::kRefused, "refused",
               [&] { noise.apply(batch.tensor.shape, batch.tensor.values, out); });
  EXPECT_EQ(out, std::vector<float>(96, 42.0F));
  EXPECT_EQ(accountant->releases(), 1);
}

TEST_F(AccountantTest, TwoSamplesOfOneInputInABatchAreTwoReleases) {
  Activation batch = counted_activation(2, 2);
  std::copy_n(batch.tensor.values.begin(), 48, batch.tensor.values.begin() + 48);
  const Noise noise = fresh(open(0.75));
  expect_error(ErrorCode::kRefused, "release 2", [&] { noise(batch); });
}

TEST_F(AccountantTest, AStickyDrawThatComesAgainCostsNothing) {
  const auto accountant = open(0.75);
  const Noise noise(release_, accountant_key(), {.alpha = 0.8, .accountant = accountant});
  for (int n = 0; n < 5; ++n) noise(activation_);
  EXPECT_EQ(accountant->releases(), 1);
  EXPECT_EQ(noise.spent(activation_).releases, 1);
}

TEST_F(AccountantTest, AnotherAlphaOrKeyIsAnotherReleaseOfTheSameInput) {
  const auto accountant = open(0.3);
  const auto with = [&](const Key& key, double alpha) {
    return Noise(release_, key, {.alpha = alpha, .accountant = accountant});
  };
  with(accountant_key(), 0.8)(activation_);
  with(accountant_key(), 0.95)(activation_);
  with(accountant_key(2), 0.8)(activation_);
  EXPECT_EQ(with(accountant_key(), 0.8).spent(activation_).releases, 3);
}

TEST_F(AccountantTest, CountsOnAfterTheKeyWasRotated) {
  const Key first = Key::create(folder_ / "key");
  const auto send = [&](const Key& key) {
    const auto accountant =
        Accountant::open(folder_ / "counted", release_, key, {.least_alpha = 0.1});
    const Noise noise(release_, key, {.alpha = 0.8, .accountant = accountant});
    noise(activation_);
    return noise.spent(activation_).releases;
  };
  EXPECT_EQ(send(first), 1);
  EXPECT_EQ(send(first), 1) << "sticky";
  EXPECT_EQ(send(Key::rotate(folder_ / "key", OldKey::kDestroy)), 2) << "another draw: a repeat";
  expect_error(ErrorCode::kRefused, "rotate a key", [&] { send(Key::create(folder_ / "new")); });
}

TEST_F(AccountantTest, ASourceIsCountedAsOneInput) {
  const auto accountant = open(0.6);
  const Noise camera = fresh(accountant, "camera-1");
  camera(counted_activation(1));
  camera(counted_activation(2));
  EXPECT_EQ(accountant->spent_by("camera-1").releases, 2);
  EXPECT_EQ(camera.spent(counted_activation(3)).releases, 2) << "whatever it shows";
  expect_error(ErrorCode::kRefused, "release 3", [&] { camera(counted_activation(3)); });
  EXPECT_NO_THROW(fresh(accountant, "camera-2")(counted_activation(3)));
  EXPECT_EQ(accountant->spent_by("camera-3").releases, 0);
}

TEST_F(AccountantTest, StickyFramesOfASourceAreCountedByTheirDraws) {
  const auto accountant = open(0.1);
  const Noise camera(release_, accountant_key(), {.accountant = accountant, .source = "camera-1"});
  for (const unsigned frame : {1U, 2U, 2U, 1U, 3U}) camera(counted_activation(frame));
  EXPECT_EQ(accountant->spent_by("camera-1").releases, 3);
}

TEST_F(AccountantTest, CountsOnWhereAnotherProcessEnded) {
  fresh(open(0.5))(activation_);
  fresh(open(0.5))(activation_);
  const auto third = open(0.65);
  EXPECT_EQ(third->releases(), 2);
  expect_error(ErrorCode::kRefused, "release 3", [&] { fresh(third)(activation_); });
}

TEST_F(AccountantTest, ThreadsAndOpenFilesShareOneCount) {
  constexpr int kThreads = 8, kEach = 5;
  const auto shared = open(0.01);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const Noise noise = fresh(t % 2 == 0 ? shared : open(0.01));
        for (int n = 0; n < kEach; ++n) noise(activation_);
      });
    }
  }
  EXPECT_EQ(shared->releases(), kThreads * kEach);
  EXPECT_EQ(fresh(shared).spent(activation_).releases, kThreads * kEach);
}

// The child says so after each release; whenever it is killed, no release that was handed out is
// missing from the file, and at most the one under way is in it without having been handed out.
TEST_F(AccountantTest, AKilledProcessHasCountedWhatItHandedOut) {
  for (int round = 0; round < 5; ++round) {
    const std::string name = "account" + std::to_string(round);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const Noise noise = fresh(open(1e-6, name.c_str()));
      while (true) {
        noise(activation_);
        if (::write(ends[1], "r", 1) != 1) ::_exit(1);
      }
    }
    ::close(ends[1]);
    std::vector<char> handed_out(100);
    std::size_t count = 0;
    const std::size_t wanted = 3 + static_cast<std::size_t>(round) * 4;
    while (count < wanted) {
      const ssize_t got = ::read(ends[0], handed_out.data(), handed_out.size());
      ASSERT_GT(got, 0);
      count += static_cast<std::size_t>(got);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (ssize_t got = 1; got > 0; count += static_cast<std::size_t>(std::max<ssize_t>(got, 0))) {
      got = ::read(ends[0], handed_out.data(), handed_out.size());
    }
    ::close(ends[0]);
    const auto counted = static_cast<std::size_t>(open(1e-6, name.c_str())->releases());
    EXPECT_GE(counted, count);
    EXPECT_LE(counted, count + 1);
  }
}

TEST_F(AccountantTest, ATornRecordTakesFromEveryInput) {
  fresh(open(0.6))(activation_);
  const auto path = folder_ / "account";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 20);
  const auto accountant = open(0.3);
  EXPECT_EQ(accountant->releases(), 1);
  EXPECT_NEAR(accountant->spent_by("camera-1").alpha, 0.5, 0.01) << "the lowest alpha there is";
}

TEST_F(AccountantTest, TheFileShowsNothingOfTheInput) {
  // Two files of one activation under two counting keys agree in nothing but magic and alpha.
  const auto other =
      Accountant::open(folder_ / "other", release_, accountant_key(2), {.least_alpha = .1});
  fresh(open(0.1))(activation_);
  fresh(other)(activation_);
  const std::string a = read_file(folder_ / "account"), b = read_file(folder_ / "other");
  ASSERT_EQ(a.size(), 128U);
  EXPECT_NE(a.substr(64, 16), b.substr(64, 16));
  EXPECT_NE(a.substr(112), b.substr(112));
}

TEST_F(AccountantTest, MisuseIsNamed) {
  for (const double bad : {0.0, 1.0, -1.0, std::nan("")}) {
    expect_error(ErrorCode::kInvalidArgument, "least_alpha must be in (0, 1)", [&] { open(bad); });
  }
  const Release other = tiny_release(folder_, tiny_noise({0.5, 0.9}), "other.scrim");
  expect_error(ErrorCode::kInvalidArgument, "counts another release",
               [&] { Noise(other, accountant_key(), {.alpha = 0.9, .accountant = open(0.5)}); });
  expect_error(ErrorCode::kInvalidArgument, "there is none",
               [&] { Noise(release_, accountant_key(), {.source = "camera-1"}); });
  expect_error(ErrorCode::kInvalidArgument, "has no accountant",
               [&] { Noise(release_, accountant_key()).spent(activation_); });
}

}  // namespace
}  // namespace scrim
