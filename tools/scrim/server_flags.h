// Where the tail runs, if not here: the flags that name a server and say who asks.
#pragma once

#include "flags.h"

#include <scrim/client.h>

#include <memory>
#include <string>
#include <vector>

namespace scrim::cli {

struct ServerFlags {
  std::string server, model;
  bool plain_http = false;
  int timeout_seconds = 60;
  std::vector<std::string> headers;
  std::string contract_client;  // NAME=FILE
  std::string authority_file, certificate_file, private_key_file, pinned_key;

  void declare(CLI::App& app);
  // Throws kInvalidArgument on flags that do not go together.
  void check() const;
  bool remote() const { return !server.empty(); }
  // Throws as Client and Key do.
  std::unique_ptr<Client> open() const;
};

}  // namespace scrim::cli
