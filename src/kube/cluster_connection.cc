#include "kube/cluster_connection.h"

#include "base/check.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <thread>

namespace scrim {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostReplyBytes = std::size_t{256} << 20;
constexpr std::size_t kMostLineBytes = std::size_t{16} << 20;
constexpr milliseconds kFirstPause{100}, kLongestPause{5'000};
constexpr int kUnauthorized = 401, kTooMany = 429, kServerFault = 500;
constexpr int kMostTries = 4;  // of a server that is not there, or fails

bool has_secret(const ClusterUser& user) {
  return !user.token.empty() || !user.token_file.empty() || !user.password.empty() ||
         user.plugin.has_value();
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* user) {
  constexpr std::string_view kName = "retry-after:";
  const std::string_view line(bytes, count);
  if (line.size() <= kName.size() ||
      !std::ranges::equal(line.substr(0, kName.size()), kName, {},
                          [](unsigned char c) { return static_cast<char>(std::tolower(c)); })) {
    return count;
  }
  const std::size_t start = line.find_first_of("0123456789", kName.size());
  long seconds = 0;
  if (start != std::string_view::npos &&
      std::from_chars(bytes + start, bytes + count, seconds).ec == std::errc()) {
    static_cast<ApiReply*>(user)->retry_after = std::chrono::seconds(seconds);
  }
  return count;
}

bool changes_nothing(const ApiCall& call) { return call.method == "GET"; }

}  // namespace

// What a call collects: the body, or its lines where somebody takes them.
struct ClusterConnection::Collected {
  ApiReply reply = {};
  CURL* handle = nullptr;
  const std::function<bool(std::string_view)>* on_line = nullptr;
  std::stop_token stop = {};
  std::exception_ptr thrown = {};  // by who takes the lines: nothing is thrown through libcurl
  bool enough = false;             // somebody wants no more lines
  bool too_long = false;           // the answer, or one line of it

  // Returns whether to go on.
  bool take(std::string_view bytes) {
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply.status);
    const bool lines = on_line != nullptr && reply.status == 200;
    too_long = bytes.size() > (lines ? kMostLineBytes : kMostReplyBytes) - reply.body.size();
    if (too_long) return false;
    reply.body += bytes;
    while (lines && !enough) {
      const std::size_t end = reply.body.find('\n');
      if (end == std::string::npos) break;
      const std::string line = reply.body.substr(0, end);
      reply.body.erase(0, end + 1);
      enough = !(*on_line)(line);
    }
    return !enough;
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& collected = *static_cast<Collected*>(user);
    try {
      return collected.take({bytes, count}) ? count : 0;
    } catch (...) {
      collected.thrown = std::current_exception();
      return 0;
    }
  }
  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Collected*>(user)->stop.stop_requested() ? 1 : 0;
  }
};

ClusterConnection::ClusterConnection(ClusterAccess access, const HttpPatience& patience)
    : access_(std::move(access)),
      patience_(patience),
      url_(parse_server_url(access_.server)),
      credentials_(access_) {
  if (!url_.tls && !url_.loopback && has_secret(access_.user)) {
    fail(ErrorCode::kRefused, "cluster ", url_.host,
         " is another machine, and plain HTTP to it shows a token to everyone on the way: "
         "name it with https");
  }
  CURL* handle = handle_.get();
  set_address();
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, url_.tls ? "https" : "http");
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, long{patience_.connect.count()});
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "scrim");
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");  // all that libcurl can undo
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Collected::on_body);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &Collected::on_progress);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  handle_.set_pem(CURLOPT_CAINFO_BLOB, access_.authorities);
  if (!access_.verified) {
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!access_.user.name.empty()) {
    curl_easy_setopt(handle, CURLOPT_HTTPAUTH, long{CURLAUTH_BASIC});
    curl_easy_setopt(handle, CURLOPT_USERNAME, access_.user.name.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, access_.user.password.c_str());
  }
}

// Where a certificate is for another name, calls go to that name, by way of the real address.
void ClusterConnection::set_address() {
  CURL* handle = handle_.get();
  base_ = url_.base;
  if (!access_.server_name.empty() && url_.tls) {
    const std::size_t colon = url_.host.rfind(':');
    const bool has_port = colon != std::string::npos && url_.host.back() != ']';
    const std::string port = has_port ? url_.host.substr(colon) : ":443";
    base_.replace(base_.find(url_.host), url_.host.size(), access_.server_name + port);
    connect_to_.add("::" + url_.host + (has_port ? "" : port));
    curl_easy_setopt(handle, CURLOPT_CONNECT_TO, connect_to_.get());
  }
  if (!access_.proxy.empty()) {
    curl_easy_setopt(handle, CURLOPT_PROXY, access_.proxy.c_str());
  } else if (url_.loopback) {
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
  }
}

void ClusterConnection::set_credential(const Credential& credential) {
  if (credential.certificate == certificate_) return;
  certificate_ = credential.certificate;
  handle_.set_pem(CURLOPT_SSLCERT_BLOB, credential.certificate);
  handle_.set_pem(CURLOPT_SSLKEY_BLOB, credential.key);
  curl_easy_setopt(handle_.get(), CURLOPT_FRESH_CONNECT, 1L);  // the kept one has the old
}

CURLcode ClusterConnection::perform(const ApiCall& call, Collected& collected, milliseconds limit) {
  CURL* handle = handle_.get();
  const Credential& credential = credentials_.current();
  set_credential(credential);
  HeaderLines lines;
  lines.add("Accept: application/json");
  if (!credential.token.empty()) lines.add("Authorization: Bearer " + credential.token);
  const ClusterUser& user = access_.user;
  if (!user.acts_as.empty()) lines.add("Impersonate-User: " + user.acts_as);
  if (!user.acts_as_uid.empty()) lines.add("Impersonate-Uid: " + user.acts_as_uid);
  for (const std::string& group : user.acts_as_groups) lines.add("Impersonate-Group: " + group);
  const bool has_body = !call.body.empty();
  if (has_body) {
    lines.add("Content-Type: " + call.content_type);
    lines.add("Expect:");  // a 100 Continue costs a round trip
  }
  curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  if (has_body) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(call.body.size()));
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(handle, CURLOPT_URL, (base_ + call.path).c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, std::max(long{limit.count()}, 1L));
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &collected);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &collected.reply);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &collected);
  collected.handle = handle;
  ++calls_;
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &collected.reply.status);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 0L);
  if (collected.thrown) std::rethrow_exception(collected.thrown);
  return code;
}

ApiReply ClusterConnection::send(const ApiCall& call) {
  const Clock::time_point deadline = Clock::now() + patience_.call;
  milliseconds pause = kFirstPause;
  bool renewed = false;
  const auto waited = [&](milliseconds wanted) {  // whether there was time for it
    if (Clock::now() + wanted >= deadline) return false;
    std::this_thread::sleep_for(wanted);
    pause = std::min(2 * pause, kLongestPause);
    return true;
  };
  for (int tries = 1;; ++tries) {
    Collected collected;
    const CURLcode code =
        perform(call, collected, std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
    if (collected.too_long) {
      fail(ErrorCode::kCorrupt, "cluster ", url_.host, " answers with more than ", kMostReplyBytes,
           " bytes");
    }
    if (code != CURLE_OK) {
      const bool again = was_not_sent(code) || (broke_off(code) && changes_nothing(call));
      if (again && tries < kMostTries && waited(pause)) continue;
      fail_call(code, "cluster " + url_.host, patience_);
    }
    ApiReply& reply = collected.reply;
    if (reply.status == kUnauthorized && !renewed) {
      renewed = true;
      if (credentials_.renew()) continue;
    } else if (reply.status == kTooMany) {
      if (waited(reply.retry_after ? milliseconds(*reply.retry_after) : pause)) continue;
    } else if (reply.status >= kServerFault && changes_nothing(call) && tries < kMostTries) {
      if (waited(pause)) continue;
    }
    return std::move(reply);
  }
}

ApiReply ClusterConnection::follow(const std::string& path, Clock::time_point deadline,
                                   std::stop_token stop,
                                   const std::function<bool(std::string_view)>& on_line) {
  for (bool renewed = false;; renewed = true) {
    Collected collected{.on_line = &on_line, .stop = stop};
    const CURLcode code =
        perform({.path = path}, collected,
                std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
    if (collected.too_long) {
      fail(ErrorCode::kCorrupt, "cluster ", url_.host, " answers with a line of more than ",
           kMostLineBytes, " bytes");
    }
    const bool ended = code == CURLE_OK || code == CURLE_WRITE_ERROR ||
                       code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_OPERATION_TIMEDOUT ||
                       broke_off(code);
    if (!ended) fail_call(code, "cluster " + url_.host, patience_);
    if (collected.reply.status == kUnauthorized && !renewed && credentials_.renew()) continue;
    return std::move(collected.reply);
  }
}

}  // namespace scrim
