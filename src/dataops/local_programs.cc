#include "dataops/local_programs.h"

#include "base/check.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "dataops/http_probe.h"
#include "dataops/names.h"
#include "dataops/record.h"
#include "dataops/staging.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace scrim {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kGraceSeconds = 35;  // a server's own limit for what it has accepted is 30
constexpr std::chrono::milliseconds kProbe{20};
constexpr const char* kRestMark = "resting";

}  // namespace

std::string LocalPrograms::shown(const std::string& name) const {
  return kind_ + " '" + name + "'";
}

fs::path LocalPrograms::folder_of(const std::string& name) const {
  check_name(kind_, name);
  return folders_.programs / name;
}

std::vector<std::string> LocalPrograms::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folders_.programs, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool LocalPrograms::is_there(const std::string& name) const {
  std::error_code ignored;
  return fs::exists(folder_of(name), ignored);
}

Json LocalPrograms::record(const std::string& name) const {
  try {
    return parse_json(read_file(record_of(folder_of(name))), "the record of " + shown(name));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    fail(ErrorCode::kNotFound, "there is no ", shown(name));
  }
}

void LocalPrograms::fail_damaged(const std::string& name) const {
  fail(ErrorCode::kCorrupt, "the record of ", shown(name), " is damaged");
}

void LocalPrograms::keep(const std::string& name, const Json& record,
                         const std::function<void(const fs::path&)>& fill) const {
  Staging staging(folders_.staging, "create " + kind_, {shown(name)}, options_.on_step);
  constexpr mode_t kOwners = 0700;
  if (::mkdir(staging.object().c_str(), kOwners) != 0) fail_to_write(staging.object(), errno);
  write_file_atomically(record_of(staging.object()), record.dump(2) + "\n");
  if (fill) fill(staging.object());
  // A namespace of an earlier version has no folder for the kind.
  if (::mkdir(folders_.programs.c_str(), 0777) != 0 && errno != EEXIST) {
    fail_to_write(folders_.programs, errno);
  }
  check(staging.appear_at(folder_of(name)), "another run makes ", shown(name));
}

void LocalPrograms::rewrite(const std::string& name, const Json& record) const {
  if (options_.on_step) options_.on_step("write the record");
  write_file_atomically(record_of(folder_of(name)), record.dump(2) + "\n");
}

std::optional<long> LocalPrograms::process_of(const std::string& name) const {
  const auto running = find_supervised(folder_of(name));
  return running ? std::optional(running->program) : std::nullopt;
}

void LocalPrograms::start(const std::string& name, const SupervisedProgram& program,
                          const std::function<bool()>& is_ready) const {
  const fs::path folder = folder_of(name);
  if (options_.on_step) options_.on_step("start the program");
  start_supervised(folder, program);
  std::error_code ignored;
  fs::remove(folder / kRestMark, ignored);
  try {
    wait(name, is_ready);
  } catch (const Error&) {
    stop_supervised(folder, kGraceSeconds);
    throw;
  }
}

void LocalPrograms::wait(const std::string& name, const std::function<bool()>& is_ready) const {
  const auto deadline = Clock::now() + options_.timeout;
  for (std::int64_t looks = 0; !is_ready(); ++looks) {
    if (options_.progress) options_.progress({"wait for the " + kind_, looks, 0, "", false});
    if (options_.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, "stopped before ", shown(name), " was ready");
    }
    if (Clock::now() < deadline) {
      std::this_thread::sleep_for(kProbe);
      continue;
    }
    const std::string line = last_log_line(folder_of(name));
    fail(ErrorCode::kUnavailable, shown(name), " is not ready after ",
         static_cast<double>(options_.timeout.count()) / 1000, " s",
         line.empty() ? "" : "; its last line: " + line);
  }
}

bool LocalPrograms::stop(const std::string& name) const {
  return stop_supervised(folder_of(name), kGraceSeconds);
}

void LocalPrograms::rest(const std::string& name) const {
  write_file_atomically(folder_of(name) / kRestMark, "");
  stop(name);
}

std::vector<std::string> LocalPrograms::resting() const {
  std::vector<std::string> resting = names();
  std::error_code ignored;
  std::erase_if(resting, [&](const std::string& name) {
    return !fs::exists(folder_of(name) / kRestMark, ignored);
  });
  return resting;
}

void LocalPrograms::remove(const std::string& name) const {
  stop(name);
  Staging staging(folders_.staging, "delete " + kind_, {shown(name)}, options_.on_step);
  staging.take_from(folder_of(name));
  staging.remove();
}

std::uint16_t LocalPrograms::port_or_free(std::uint16_t wanted) {
  if (wanted == 0) return free_port();
  check(is_port_free(wanted), "port ", wanted, " is taken by another program");
  return wanted;
}

std::string_view name(ProgramState state) {
  constexpr std::array kNames = {"ready", "starting", "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace scrim
