#include "dataops/busy_files.h"

#include "base/files.h"
#include "support/temporary_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace scrim {
namespace {

// A child process that prepares itself and then waits to be ended.
class Child {
 public:
  explicit Child(const std::function<void()>& prepare) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    process_ = ::fork();
    if (process_ == 0) {
      prepare();
      [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
      ::pause();
      ::_exit(0);
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Child() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  std::string pid() const { return std::to_string(process_); }

 private:
  pid_t process_;
};

TEST(BusyFiles, NamesWhoHasAFileOpenMappedOrStandsThere) {
  const TemporaryFolder folder;
  const std::string file = (folder / "file").string();
  write_new_file(file, "text");
  EXPECT_TRUE(users_of(folder.path()).empty());
  const Child opener([&] { ::open(file.c_str(), O_RDONLY); });
  const Child stander([&] { EXPECT_EQ(::chdir(folder.path().c_str()), 0); });
  const Child mapper([&] {
    const int descriptor = ::open(file.c_str(), O_RDONLY);
    ::mmap(nullptr, 4, PROT_READ, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
  });
  const auto users = users_of(folder.path());
  ASSERT_EQ(users.size(), 3U);
  for (const auto* child : {&opener, &stander, &mapper}) {
    EXPECT_TRUE(std::any_of(users.begin(), users.end(), [&](const std::string& user) {
      return user.ends_with("(pid " + child->pid() + ")");
    }));
  }
}

TEST(BusyFiles, ANeighbourOfTheSameBeginningIsNoUse) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "data");
  std::filesystem::create_directory(folder / "data2");
  const Child stander([&] { EXPECT_EQ(::chdir((folder / "data2").c_str()), 0); });
  EXPECT_TRUE(users_of(folder / "data").empty());
  EXPECT_EQ(users_of(folder / "data2").size(), 1U);
}

}  // namespace
}  // namespace scrim
