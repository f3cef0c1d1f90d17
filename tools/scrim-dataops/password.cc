#include "password.h"

#include "terminal.h"

#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace scrim::cli {
namespace {

// What is typed is not shown while it lives.
class HiddenInput {
 public:
  HiddenInput() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenInput() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  termios before_{};
};

std::string asked(const Session& session, const char* question) {
  const HiddenInput hidden;
  session.log << question << std::flush;
  std::string answer = typed_line(session);
  session.log << "\n";
  return answer;
}

std::string from_terminal(const Session& session) {
  std::string password = asked(session, "Password of the workspace: ");
  require(password == asked(session, "The same again: "), "the two passwords are not the same");
  return password;
}

}  // namespace

std::string read_password(const Session& session, const std::string& file) {
  std::string password;
  if (file != "-") {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
      fail(ErrorCode::kNotFound, "cannot read the password file '", file, "'");
    }
    std::ifstream stream(file);
    std::getline(stream, password);
  } else {
    password = ::isatty(STDIN_FILENO) != 0 ? from_terminal(session) : typed_line(session);
  }
  if (password.ends_with('\r')) password.pop_back();
  require(!password.empty(), "the password is empty");
  return password;
}

}  // namespace scrim::cli
