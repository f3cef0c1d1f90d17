#include "client/http_caller.h"

#include "base/check.h"
#include "protocol/float_text.h"
#include "transfer/http_handle.h"

#include <algorithm>
#include <thread>

namespace scrim {
namespace {

constexpr const char* kLengthHeader = "inference-header-content-length";
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr long kBufferBytes = 512 << 10;
// What a server says that its answer has is believed up to here, and room made for it at once.
constexpr std::uint64_t kMostAnnounced = std::uint64_t{64} << 20;

// What a call collects. The limit is on the body.
struct Collected {
  CURL* handle = nullptr;
  HttpReply reply;
  std::uint64_t limit = 0;
  bool too_long = false;
};

void make_room(CURL* handle, std::uint64_t limit, std::string& body) {
  curl_off_t length = 0;
  curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length > 0) {
    body.reserve(std::min({static_cast<std::uint64_t>(length), limit, kMostAnnounced}));
  }
}

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& collected = *static_cast<Collected*>(user);
  if (count > collected.limit - collected.reply.body.size()) {
    collected.too_long = true;
    return 0;
  }
  if (collected.reply.body.empty()) {
    make_room(collected.handle, collected.limit, collected.reply.body);
  }
  collected.reply.body.append(bytes, count);
  return count;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& reply = static_cast<Collected*>(user)->reply;
  const std::string_view line(bytes, count);
  const std::size_t colon = line.find(':');
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (colon == std::string_view::npos || name != kLengthHeader) return count;
  std::string value(line.substr(colon + 1));
  std::erase_if(value, [](unsigned char c) { return std::isspace(c) != 0; });
  reply.json_length = value;
  return count;
}

}  // namespace

// One connection, for one call at a time.
class HttpCaller::Connection {
 public:
  Connection(const ServerUrl& url, const ClientOptions& options) {
    for (const auto& [name, value] : options.headers) {
      own_headers_.push_back(std::string(name).append(": ").append(value));
    }
    if (options.json) own_headers_.push_back(std::string("Prefer: ") + kPreferNineDigits);
    curl_easy_setopt(handle_.get(), CURLOPT_PROTOCOLS_STR, url.tls ? "https" : "http");
    curl_easy_setopt(handle_.get(), CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    if (url.loopback) curl_easy_setopt(handle_.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(handle_.get(), CURLOPT_CONNECTTIMEOUT_MS,
                     long{options.connect_timeout.count()});
    curl_easy_setopt(handle_.get(), CURLOPT_TIMEOUT_MS, long{options.timeout.count()});
    curl_easy_setopt(handle_.get(), CURLOPT_BUFFERSIZE, kBufferBytes);
    curl_easy_setopt(handle_.get(), CURLOPT_UPLOAD_BUFFERSIZE, kBufferBytes);
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(handle_.get(), CURLOPT_HEADERFUNCTION, &on_header);
    handle_.set_pem(CURLOPT_CAINFO_BLOB, options.tls.authority);
    handle_.set_pem(CURLOPT_SSLCERT_BLOB, options.tls.certificate);
    handle_.set_pem(CURLOPT_SSLKEY_BLOB, options.tls.private_key);
    if (!options.tls.pinned_key.empty()) {
      curl_easy_setopt(handle_.get(), CURLOPT_PINNEDPUBLICKEY, options.tls.pinned_key.c_str());
    }
  }

  CURLcode call(const std::string& url, const std::string* body,
                std::optional<std::size_t> json_length, Collected& collected) {
    collected.handle = handle_.get();
    HeaderLines headers;
    for (const std::string& line : own_headers_) headers.add(line);
    if (body != nullptr) {
      // Without waiting for a 100 Continue, which costs a round trip.
      headers.add("Expect:");
      headers.add(json_length ? "Content-Type: application/octet-stream"
                              : "Content-Type: application/json");
      if (json_length) {
        headers.add("Inference-Header-Content-Length: " + std::to_string(*json_length));
      }
      curl_easy_setopt(handle_.get(), CURLOPT_POST, 1L);
      curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDS, body->data());
      curl_easy_setopt(handle_.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(body->size()));
    } else {
      curl_easy_setopt(handle_.get(), CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(handle_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle_.get(), CURLOPT_WRITEDATA, &collected);
    curl_easy_setopt(handle_.get(), CURLOPT_HEADERDATA, &collected);
    const CURLcode code = curl_easy_perform(handle_.get());
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &collected.reply.status);
    curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, nullptr);
    return code;
  }

 private:
  std::vector<std::string> own_headers_;  // "NAME: VALUE"
  HttpHandle handle_;
};

HttpCaller::HttpCaller(ServerUrl url, const ClientOptions& options)
    : url_(std::move(url)), options_(options) {
  if (!url_.tls && !url_.loopback && !options.allow_plain_http) {
    fail(ErrorCode::kRefused, "server ", url_.host,
         " is another machine, and plain HTTP to it shows what is sent to everyone on the way: "
         "name it with https, or allow plain HTTP");
  }
}

HttpCaller::~HttpCaller() = default;

std::unique_ptr<HttpCaller::Connection> HttpCaller::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Connection>(url_, options_);
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

HttpReply HttpCaller::call(const std::string& path, const std::string* body,
                           std::optional<std::size_t> json_length) {
  const int attempts = body == nullptr ? 1 + options_.retries : 1;
  auto pause = kFirstPause;
  for (int attempt = 1;; ++attempt, pause *= 2) {
    auto connection = take();
    Collected collected{.handle = nullptr, .reply = {}, .limit = options_.max_answer_bytes};
    const CURLcode code = connection->call(url_.base + path, body, json_length, collected);
    if (code == CURLE_OK) {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
      return std::move(collected.reply);
    }
    if (collected.too_long) {
      fail(ErrorCode::kCorrupt, "server ", url_.host, " answers with more than ",
           options_.max_answer_bytes, " bytes");
    }
    if (attempt == attempts || !broke_off(code)) {
      fail_call(code, "server " + url_.host, {options_.connect_timeout, options_.timeout});
    }
    std::this_thread::sleep_for(pause);
  }
}

HttpReply HttpCaller::get(const std::string& path) { return call(path, nullptr, std::nullopt); }

HttpReply HttpCaller::post(const std::string& path, const std::string& body,
                           std::optional<std::size_t> json_length) {
  return call(path, &body, json_length);
}

}  // namespace scrim
