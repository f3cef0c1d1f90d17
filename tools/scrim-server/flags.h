// The flags of scrim-server, with Triton's names where Triton has them.
#pragma once

#include <scrim/server.h>

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace scrim::server_tool {

// What the flags fill; becomes options once they are read.
struct Flags {
  std::vector<std::string> model_repositories;
  std::string model_control = "none";
  std::vector<std::string> load_models;
  int poll_seconds = 15;
  std::string model_config_name;
  bool strict_readiness = true;
  bool exit_on_error = true;

  std::string address = "127.0.0.1";
  bool allow_http = true;
  int http_port = 8000;
  bool allow_grpc = true;
  bool require_provenance = true;
  int grpc_port = 8001;
  int http_threads = 4;
  std::uint64_t max_input_bytes = std::uint64_t{64} << 20;
  bool allow_metrics = true;
  int metrics_port = 8002;
  std::vector<std::string> restricted_apis, clients;
  std::string certificate_file, private_key_file, client_authority_file;

  int exit_timeout_seconds = 30;
  bool log_info = true;

  void declare(CLI::App& app);
  // Throws Error for a value out of its range, and a file that cannot be read.
  ServerOptions options() const;

 private:
  void declare_ports(CLI::App& app);
};

}  // namespace scrim::server_tool
