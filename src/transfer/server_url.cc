#include "transfer/server_url.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>

namespace scrim {
namespace {

using UrlHandle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// The part, or nothing where there is none.
std::string part_of(const UrlHandle& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

bool is_loopback(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return host.starts_with("127.");
  return host == "localhost" || host == "[::1]";
}

}  // namespace

ServerUrl parse_server_url(const std::string& text) {
  const std::string whole = text.find("://") == std::string::npos ? "http://" + text : text;
  const UrlHandle url(curl_url(), &curl_url_cleanup);
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, whole.c_str(), 0);
  ServerUrl result;
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  const std::string host = part_of(url, CURLUPART_HOST);
  check(code == CURLUE_OK && (scheme == "http" || scheme == "https") && !host.empty(), "'", text,
        "' is no server: HOST:PORT, http://HOST:PORT or https://HOST:PORT is");
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    check(part_of(url, part).empty(), "a server's URL has no user, query or fragment");
  }
  const std::string port = part_of(url, CURLUPART_PORT);
  result.host = host + (port.empty() ? "" : ":" + port);
  result.base = scheme + "://" + result.host + part_of(url, CURLUPART_PATH);
  while (result.base.ends_with('/')) result.base.pop_back();
  result.tls = scheme == "https";
  result.loopback = is_loopback(host);
  return result;
}

}  // namespace scrim
