// Where an object is made before it appears, and where it ends after it has gone: so that each
// change is one rename.
#pragma once

#include "base/json.h"
#include "dataops/object_lock.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// What a process is doing, for whoever waits for it or finds what it left.
struct Intent {
  std::string verb;                  // "clone volume"
  std::vector<std::string> objects;  // that it reads or replaces: "volume data"
  long process = 0;
  std::string since;  // RFC 3339
};

// A folder STAGING/RANDOM that holds an intent and one object, and is locked while its process
// lives.
class Staging {
 public:
  // `on_step` is called before each change on the disk. Throws as a write does.
  Staging(const std::filesystem::path& staging, const std::string& verb,
          std::vector<std::string> objects, const std::function<void(std::string_view)>& on_step);
  // Removes the object that is here; what cannot be removed stays for the next sweep.
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // Where the object is made; not there yet.
  const std::filesystem::path& object() const { return object_; }

  // The object gets its name. False, and nothing done, where something has it already.
  bool appear_at(const std::filesystem::path& target);
  // The object changes places with what is at `target`.
  void exchange_with(const std::filesystem::path& target);
  // What is at `target` comes here.
  void take_from(const std::filesystem::path& target);
  // Removes the object that is here, and says so where it cannot.
  void remove();

 private:
  void step(std::string_view what) const;

  std::function<void(std::string_view)> on_step_;
  std::filesystem::path folder_, object_;
  std::optional<ObjectLock> lock_;
};

// Removes what processes left that are no more.
void sweep(const std::filesystem::path& staging);

// What processes that live are doing.
std::vector<Intent> intents(const std::filesystem::path& staging);

}  // namespace scrim
