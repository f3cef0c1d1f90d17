#include "dataops/staging.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/hash.h"
#include "dataops/subvolume.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr const char* kIntentFile = "intent.json";

std::string random_name() {
  std::array<std::uint8_t, 8> random{};
  random_bytes(random);
  return hex(random);
}

// The rename and what it changed in the two folders, on the disk itself.
void sync_rename(const fs::path& from, const fs::path& to) {
  sync_path(folder_of(from));
  sync_path(folder_of(to));
}

}  // namespace

Staging::Staging(const fs::path& staging, const std::string& verb, std::vector<std::string> objects,
                 const std::function<void(std::string_view)>& on_step)
    : on_step_(on_step) {
  constexpr int kAttempts = 10;  // another process may sweep a new folder away
  step("stage");
  for (int attempt = 0; attempt < kAttempts && !lock_; ++attempt) {
    folder_ = staging / random_name();
    if (::mkdir(folder_.c_str(), 0777) != 0) fail_to_write(folder_, errno);
    if (auto lock = lock_if_free(folder_)) lock_.emplace(std::move(*lock));
  }
  if (!lock_) fail(ErrorCode::kUnavailable, "cannot write ", staging.string(), ": no locks there");
  object_ = folder_ / "object";
  step("write the intent");
  const Json intent = {{"verb", verb},
                       {"objects", std::move(objects)},
                       {"process", ::getpid()},
                       {"since", rfc3339_now()}};
  try {
    write_new_file(folder_ / kIntentFile, intent.dump() + "\n");
  } catch (const Error&) {  // who makes room on a full disk does without
  }
}

Staging::~Staging() {
  try {
    remove_tree(folder_);
  } catch (const Error&) {
  }
}

void Staging::step(std::string_view what) const {
  if (on_step_) on_step_(what);
}

bool Staging::appear_at(const fs::path& target) {
  step("appear");
  if (::renameat2(AT_FDCWD, object_.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return false;
    fail_to_write(target, errno);
  }
  sync_rename(object_, target);
  step("clean up");
  return true;
}

void Staging::exchange_with(const fs::path& target) {
  step("exchange");
  if (::renameat2(AT_FDCWD, object_.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0) {
    fail_to_write(target, errno);
  }
  sync_rename(object_, target);
  step("clean up");
}

void Staging::take_from(const fs::path& target) {
  step("disappear");
  if (::rename(target.c_str(), object_.c_str()) != 0) fail_to_write(target, errno);
  sync_rename(target, object_);
  step("clean up");
}

void Staging::remove() { remove_tree(object_); }

void sweep(const fs::path& staging) {
  std::error_code error;
  for (fs::directory_iterator entry(staging, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto abandoned = lock_if_free(entry->path());
    if (!abandoned) continue;
    try {
      remove_tree(entry->path());
    } catch (const Error&) {  // the next sweep tries again
    }
  }
}

std::vector<Intent> intents(const fs::path& staging) {
  std::vector<Intent> result;
  std::error_code error;
  for (fs::directory_iterator entry(staging, error), end; !error && entry != end;
       entry.increment(error)) {
    try {
      const Json json = parse_json(read_file(entry->path() / kIntentFile), "an intent");
      result.push_back({json.at("verb").get<std::string>(),
                        json.at("objects").get<std::vector<std::string>>(),
                        json.at("process").get<long>(), json.at("since").get<std::string>()});
    } catch (const std::exception&) {  // gone, or not written yet
    }
  }
  return result;
}

}  // namespace scrim
