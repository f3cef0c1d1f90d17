// The schedule of a transfer on this machine: a timer of the user's systemd.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

// The unit files, as systemd.service(5) and systemd.timer(5) have them.
std::string service_unit(const std::string& transfer, const std::vector<std::string>& command);
std::string timer_unit(const std::string& transfer, std::chrono::minutes every);

// Timers scrim-transfer-NAMESPACE.NAME.
class TransferTimers {
 public:
  // `scratch` holds what systemctl says.
  TransferTimers(std::string space, std::filesystem::path scratch);

  // Throws kUnavailable where the user's systemd does not answer.
  void check_reachable() const;
  // From now on, also after a restart; one that is there already stays as it is. Throws
  // kInvalidArgument for a timer of another root; a failure leaves nothing behind.
  void install(const std::string& transfer, std::chrono::minutes every,
               const std::vector<std::string>& command) const;
  bool is_there(const std::string& transfer) const;
  void remove(const std::string& transfer) const;

 private:
  std::string unit_of(const std::string& transfer) const;
  std::filesystem::path file_of(const std::string& transfer, const char* kind) const;
  void control(const std::vector<std::string>& words) const;

  std::string space_;
  std::filesystem::path scratch_, folder_;
};

}  // namespace scrim
