// Programs of one kind that go on when the tool has ended: a folder each, with its record, its log
// and its lock.
#pragma once

#include <scrim/dataops.h>

#include "base/json.h"
#include "dataops/supervisor.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace scrim {

class LocalPrograms {
 public:
  struct Folders {
    std::filesystem::path programs, staging;
  };

  // `kind` is what one is called: "server". The options outlive this.
  LocalPrograms(std::string kind, Folders folders, const LocalOptions& options)
      : kind_(std::move(kind)), folders_(std::move(folders)), options_(options) {}

  std::string shown(const std::string& name) const;  // "server 'x'"
  // Throws kInvalidArgument for a name that is none.
  std::filesystem::path folder_of(const std::string& name) const;
  std::vector<std::string> names() const;  // sorted
  bool is_there(const std::string& name) const;
  // Its record. Throws kNotFound without one.
  Json record(const std::string& name) const;
  // Hands over the record; what `read` misses in it is one fault, kCorrupt.
  template <typename Read>
  auto read_record(const std::string& name, const Read& read) const {
    const Json json = record(name);
    try {
      return read(json);
    } catch (const Json::exception&) {
      fail_damaged(name);
    }
  }

  // It appears, stopped, with its record and what else belongs in its folder, which only its owner
  // may look into. Throws kInvalidArgument where there is one of that name.
  void keep(const std::string& name, const Json& record,
            const std::function<void(const std::filesystem::path&)>& fill = {}) const;

  // Another record in place of its own.
  void rewrite(const std::string& name, const Json& record) const;

  // Its pid; nothing while it is stopped.
  std::optional<long> process_of(const std::string& name) const;
  // Starts it and waits until it is ready. Throws kUnavailable, with its last line, where it is not
  // in time: then it is stopped again.
  void start(const std::string& name, const SupervisedProgram& program,
             const std::function<bool()>& is_ready) const;
  // The waiting alone, for one that runs.
  void wait(const std::string& name, const std::function<bool()>& is_ready) const;
  bool stop(const std::string& name) const;  // whether it ran
  // Stops it for a while: it is among `resting`, also for later processes, until it is started.
  void rest(const std::string& name) const;
  std::vector<std::string> resting() const;
  // Stops it, and removes all that is known of it.
  void remove(const std::string& name) const;

  // `wanted` where it is free, or one that is, for 0. Throws kInvalidArgument for one that is not.
  static std::uint16_t port_or_free(std::uint16_t wanted);

 private:
  [[noreturn]] void fail_damaged(const std::string& name) const;

  std::string kind_;
  Folders folders_;
  const LocalOptions& options_;
};

}  // namespace scrim
