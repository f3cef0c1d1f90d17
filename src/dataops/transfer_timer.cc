#include "dataops/transfer_timer.h"

#include "base/check.h"
#include "base/files.h"
#include "base/text.h"
#include "dataops/program_run.h"

#include <cstdlib>

namespace scrim {
namespace fs = std::filesystem;
namespace {

// $XDG_CONFIG_HOME/systemd/user
fs::path folder_of_units() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return fs::path(config) / "systemd/user";
  const char* home = std::getenv("HOME");
  check(home != nullptr && *home != '\0', "there is no HOME for the timers of systemd");
  return fs::path(home) / ".config/systemd/user";
}

// A word of ExecStart: quotes, and what systemd would put in the place of % and $.
std::string unit_word(std::string word) {
  for (const auto& [what, with] : {std::pair("\\", "\\\\"), std::pair("\"", "\\\""),
                                   std::pair("%", "%%"), std::pair("$", "$$")}) {
    word = replaced(std::move(word), what, with);
  }
  return "\"" + word + "\"";
}

}  // namespace

std::string service_unit(const std::string& transfer, const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (const std::string& word : command) words.push_back(unit_word(word));
  return "[Unit]\nDescription=Transfer " + transfer +
         " of scrim-dataops\n\n[Service]\nType=oneshot\nExecStart=" + joined(words, " ") + "\n";
}

std::string timer_unit(const std::string& transfer, std::chrono::minutes every) {
  return sentence("[Unit]\nDescription=Schedule of transfer ", transfer,
                  " of scrim-dataops\n\n[Timer]\nOnActiveSec=", every.count(),
                  "min\nOnUnitActiveSec=", every.count(),
                  "min\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n");
}

TransferTimers::TransferTimers(std::string space, fs::path scratch)
    : space_(std::move(space)), scratch_(std::move(scratch)), folder_(folder_of_units()) {}

std::string TransferTimers::unit_of(const std::string& transfer) const {
  return "scrim-transfer-" + space_ + "." + transfer;
}

fs::path TransferTimers::file_of(const std::string& transfer, const char* kind) const {
  return folder_ / (unit_of(transfer) + kind);
}

void TransferTimers::control(const std::vector<std::string>& words) const {
  std::vector<std::string> command = {"systemctl", "--user"};
  command.insert(command.end(), words.begin(), words.end());
  std::string said;
  const int code = run_program(command, {scratch_ / "output", scratch_ / "said"},
                               [&](const std::string& line) { said = line; }, {});
  if (code == 0) return;
  fail(ErrorCode::kUnavailable,
       "a schedule needs the systemd of this user, which does not answer '", joined(command, " "),
       "': ", said.empty() ? sentence("exit code ", code) : said);
}

void TransferTimers::check_reachable() const { control({"show-environment"}); }

bool TransferTimers::is_there(const std::string& transfer) const {
  std::error_code ignored;
  return fs::exists(file_of(transfer, ".timer"), ignored);
}

void TransferTimers::install(const std::string& transfer, std::chrono::minutes every,
                             const std::vector<std::string>& command) const {
  const fs::path service = file_of(transfer, ".service");
  const std::string text = service_unit(transfer, command);
  std::error_code ignored;
  check(!fs::exists(service, ignored) || read_file(service) == text, "there is a timer '",
        unit_of(transfer), "' already, of another root or program");
  const std::string times = timer_unit(transfer, every);
  const fs::path timer = file_of(transfer, ".timer");
  if (is_there(transfer) && read_file(timer) == times) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail_to_write(folder_, error.value());
  write_file_atomically(service, text);
  write_file_atomically(timer, times);
  try {
    control({"daemon-reload"});
    control({"enable", "--now", unit_of(transfer) + ".timer"});
  } catch (const Error&) {
    fs::remove(timer, ignored);
    fs::remove(service, ignored);
    throw;
  }
}

void TransferTimers::remove(const std::string& transfer) const {
  if (!is_there(transfer)) return;
  control({"disable", "--now", unit_of(transfer) + ".timer"});
  std::error_code ignored;
  fs::remove(file_of(transfer, ".timer"), ignored);
  fs::remove(file_of(transfer, ".service"), ignored);
  control({"daemon-reload"});
}

}  // namespace scrim
