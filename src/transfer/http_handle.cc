#include "transfer/http_handle.h"

#include "base/check.h"

namespace scrim {

HttpHandle::HttpHandle() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  check(once == CURLE_OK, "libcurl cannot start");
  handle_ = curl_easy_init();
  check(handle_ != nullptr, "no memory for a connection");
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
}

HttpHandle::~HttpHandle() { curl_easy_cleanup(handle_); }

void HttpHandle::set_pem(CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  curl_blob blob{const_cast<char*>(pem.data()), pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(handle_, option, &blob);
}

void HeaderLines::add(const std::string& line) {
  check(line.find_first_of(std::string("\r\n\0", 3)) == std::string::npos,
        "a line of a request's head holds the end of a line");
  curl_slist* longer = curl_slist_append(first_, line.c_str());
  check(longer != nullptr, "no memory for a header");
  first_ = longer;
}

bool was_not_sent(CURLcode code) { return code == CURLE_COULDNT_CONNECT; }

bool broke_off(CURLcode code) {
  return was_not_sent(code) || code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR ||
         code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE;
}

void fail_call(CURLcode code, const std::string& server, const HttpPatience& patience) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      fail(ErrorCode::kUnavailable, server, " cannot be reached");
    case CURLE_OPERATION_TIMEDOUT:
      fail(ErrorCode::kUnavailable, server, " did not answer within ", patience.call.count(),
           " ms, or take the connection within ", patience.connect.count(), " ms");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      fail(ErrorCode::kRefused, server, " shows a certificate that is not trusted");
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      fail(ErrorCode::kRefused, server, " shows another key than the pinned one");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
      fail(ErrorCode::kRefused, server,
           " and this client do not agree on TLS: ", curl_easy_strerror(code));
    default:
      fail(ErrorCode::kUnavailable, server, " broke the call off: ", curl_easy_strerror(code));
  }
}

}  // namespace scrim
