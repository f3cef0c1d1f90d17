// The program `scrim-server`: serves until it is told to end, then answers what it has accepted.
#include "flags.h"

#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <new>

namespace scrim::server_tool {
namespace {

using std::chrono::steady_clock;

constexpr int kUsage = 2;

// Blocked in every thread, and taken by the one that waits: no handler, nothing to be careful
// about.
sigset_t end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

int complain(const std::string& sentence, int code) {
  std::cerr << "scrim-server: " << sentence << std::endl;
  return code;
}

void say_ready(const Server& server, steady_clock::time_point start, const std::string& address) {
  const std::chrono::duration<double> took = steady_clock::now() - start;
  const auto models = server.models();
  std::cerr << "scrim-server " << version() << " ready after " << took.count()
            << " s: " << models.size() << (models.size() == 1 ? " model" : " models");
  for (std::size_t i = 0; i < models.size(); ++i) std::cerr << (i == 0 ? ": " : ", ") << models[i];
  std::cerr << std::endl;
  if (server.http_port()) {
    std::cerr << "scrim-server: HTTP on " << address << ":" << *server.http_port() << std::endl;
  }
  if (server.grpc_port()) {
    std::cerr << "scrim-server: gRPC on " << address << ":" << *server.grpc_port() << std::endl;
  }
  if (server.metrics_port()) {
    std::cerr << "scrim-server: metrics on " << address << ":" << *server.metrics_port()
              << "/metrics" << std::endl;
  }
}

int serve(const Flags& flags, const sigset_t& signals) {
  const auto start = steady_clock::now();
  ServerOptions options = flags.options();
  std::mutex log_mutex;
  if (flags.log_info) {
    options.log = [&log_mutex](const std::string& line) {
      const std::lock_guard lock(log_mutex);
      std::cerr << "scrim-server: " << line << std::endl;
    };
  }
  Server server(options);
  say_ready(server, start, options.address);
  int received = 0;
  sigwait(&signals, &received);
  std::cerr << "scrim-server: ending; accepted requests have " << options.exit_timeout.count()
            << " s" << std::endl;
  if (server.stop()) return 0;
  return complain("some requests were not answered in time", exit_code(ErrorCode::kUnavailable));
}

int run(int argc, char** argv) {
  const sigset_t signals = end_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // faults come as errors; this is chatter
  CLI::App app("Serves models to clients of the Open Inference Protocol (KServe v2, Triton).",
               "scrim-server");
  app.set_version_flag("--version", std::string(version()));
  Flags flags;
  flags.declare(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion&) {
    std::cout << version() << '\n';
    return 0;
  } catch (const CLI::ParseError& error) {
    return complain(std::string(error.what()) + "; scrim-server --help lists the flags", kUsage);
  }
  try {
    return serve(flags, signals);
  } catch (const Error& error) {
    return complain(error.what(), exit_code(error.code()));
  } catch (const std::bad_alloc&) {
    return complain("not enough memory", exit_code(ErrorCode::kUnavailable));
  } catch (const std::exception& error) {
    return complain(std::string("internal error, please report it: ") + error.what(),
                    exit_code(ErrorCode::kInternal));
  }
}

}  // namespace
}  // namespace scrim::server_tool

int main(int argc, char** argv) { return scrim::server_tool::run(argc, argv); }
