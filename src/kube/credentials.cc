#include "kube/credentials.h"

#include "base/check.h"
#include "base/files.h"

namespace scrim {
namespace {

constexpr std::size_t kMostTokenFile = std::size_t{1} << 20;
constexpr std::chrono::seconds kReadAgain{60};
constexpr std::chrono::seconds kBeforeExpiry{10};  // a call takes time

std::string token_of(const std::filesystem::path& file) {
  try {
    std::string token = read_file(file, kMostTokenFile);
    token.erase(token.find_last_not_of(" \r\n\t") + 1);
    return token;
  } catch (const Error& error) {
    fail(ErrorCode::kUnavailable, "no token: ", error.what());
  }
}

}  // namespace

Credential Credentials::obtain() const {
  const ClusterUser& user = access_.user;
  Credential credential{.token = user.token, .certificate = user.certificate, .key = user.key};
  if (!user.token_file.empty()) {  // comes before a token, as for kubectl
    credential.token = token_of(user.token_file);
  } else if (user.plugin && credential.token.empty()) {
    Credential given = run_credential_plugin(access_);
    if (given.certificate.empty()) {
      given.certificate = credential.certificate;
      given.key = credential.key;
    }
    return given;
  }
  return credential;
}

const Credential& Credentials::current() {
  const bool reread = !access_.user.token_file.empty() && Clock::now() - read_ > kReadAgain;
  const bool expired = known_ && known_->expires &&
                       std::chrono::system_clock::now() + kBeforeExpiry > *known_->expires;
  if (!known_ || reread || expired) {
    known_ = obtain();
    read_ = Clock::now();
  }
  return *known_;
}

bool Credentials::renew() {
  if (!known_) return true;
  const std::string before = known_->token;
  const bool may_change = !access_.user.token_file.empty() || access_.user.plugin.has_value();
  known_.reset();
  return may_change && current().token != before;
}

}  // namespace scrim
