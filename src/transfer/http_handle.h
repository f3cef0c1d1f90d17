// What every HTTP call through libcurl needs: a handle, lines of a head, certificates from memory,
// and sentences for what goes wrong.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

namespace scrim {

// One connection that is kept between calls; one call at a time. It follows no redirection, speaks
// TLS 1.2 or later, and raises no signal.
class HttpHandle {
 public:
  HttpHandle();
  ~HttpHandle();
  HttpHandle(const HttpHandle&) = delete;
  HttpHandle& operator=(const HttpHandle&) = delete;

  CURL* get() const { return handle_; }
  // A certificate, a key or a list of authorities; nothing is set for an empty text.
  void set_pem(CURLoption option, const std::string& pem);

 private:
  CURL* handle_;
};

// The lines of a request's head that libcurl does not write itself.
class HeaderLines {
 public:
  HeaderLines() = default;
  ~HeaderLines() { curl_slist_free_all(first_); }
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;

  // "NAME: VALUE", or "NAME:" for one that is not to be sent. Throws kInvalidArgument, without
  // showing the line, for one that would be two.
  void add(const std::string& line);
  curl_slist* get() const { return first_; }

 private:
  curl_slist* first_ = nullptr;
};

struct HttpPatience {
  std::chrono::milliseconds connect, call;
};

// Whether the call never got to the server, so that sending it again cannot do a thing twice.
bool was_not_sent(CURLcode code);
// Whether the connection failed under the call, so that another one may do.
bool broke_off(CURLcode code);

// Throws what became of a call that did not end with CURLE_OK, as a sentence about `server`
// ("server host:8000"): kRefused where the two do not trust each other, else kUnavailable.
[[noreturn]] void fail_call(CURLcode code, const std::string& server, const HttpPatience& patience);

}  // namespace scrim
