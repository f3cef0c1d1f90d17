// Calls to the API server of one cluster.
#pragma once

#include "kube/cluster_access.h"
#include "kube/credentials.h"
#include "transfer/http_handle.h"
#include "transfer/server_url.h"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace scrim {

struct ApiCall {
  std::string method = "GET";
  std::string path = {};  // with its query, from "/api"
  std::string body = {};
  std::string content_type = "application/json";
};

struct ApiReply {
  long status = 0;
  std::string body = {};
  std::optional<std::chrono::seconds> retry_after = {};
};

// One call at a time; not for several threads.
class ClusterConnection {
 public:
  // Throws kRefused for a secret that would go to another machine over plain HTTP.
  ClusterConnection(ClusterAccess access, const HttpPatience& patience);

  // The answer, whatever its status is. A call that the server was too busy for (429) is sent again
  // when it asks for that, one that it did not know the caller of (401) with new credentials, and
  // one that changes nothing, or never got there, when the connection broke or the server failed;
  // all that within the patience for one call. (And libcurl sends any call again when a kept
  // connection turns out to be closed before a byte of the answer.) Throws kUnavailable and
  // kRefused as fail_call.
  ApiReply send(const ApiCall& call);

  // Hands over the lines of an answer that goes on and on, until `on_line` returns false, the
  // deadline passes, a stop is asked for or the other side ends it. Returns the status, and the
  // body where that is not 200. A connection that breaks is an end like any other.
  ApiReply follow(const std::string& path, std::chrono::steady_clock::time_point deadline,
                  std::stop_token stop, const std::function<bool(std::string_view)>& on_line);

  const ClusterAccess& access() const { return access_; }
  std::size_t calls() const { return calls_; }  // that were sent

 private:
  struct Collected;
  CURLcode perform(const ApiCall& call, Collected& collected, std::chrono::milliseconds limit);
  void set_address();
  void set_credential(const Credential& credential);

  const ClusterAccess access_;
  const HttpPatience patience_;
  ServerUrl url_;
  HttpHandle handle_;
  HeaderLines connect_to_;
  std::string base_;         // of every URL
  std::string certificate_;  // that the handle has
  Credentials credentials_;
  std::size_t calls_ = 0;
};

}  // namespace scrim
