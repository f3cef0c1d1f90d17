// Where a server is, as its callers write it.
#pragma once

#include <string>

namespace scrim {

struct ServerUrl {
  std::string base;  // "https://host:8000/path", without a slash at the end
  std::string host;  // for sentences: "host:8000"
  bool tls = false;
  bool loopback = false;  // never leaves this machine
};

// Throws kInvalidArgument for what is no HOST:PORT and no http or https URL, and for one with a
// user, a query or a fragment.
ServerUrl parse_server_url(const std::string& text);

}  // namespace scrim
