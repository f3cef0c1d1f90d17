#include "server_flags.h"

#include <fstream>
#include <sstream>

namespace scrim::cli {
namespace {

std::string text_of(const char* flag, const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) fail(ErrorCode::kNotFound, flag, " '", path, "' cannot be read");
  return text.str();
}

// The two sides of the first `separator`; both must be there.
std::pair<std::string, std::string> halves_of(const char* flag, const std::string& text,
                                              char separator, const char* form) {
  const std::size_t at = text.find(separator);
  require(at != std::string::npos && at > 0, flag, " is '", text, "', not ", form);
  const std::size_t value = text.find_first_not_of(' ', at + 1);
  return {text.substr(0, at), value == std::string::npos ? "" : text.substr(value)};
}

}  // namespace

void ServerFlags::declare(CLI::App& app) {
  app.add_option("--server", server, "run the tail there: HOST:PORT, http://... or https://...")
      ->type_name("URL");
  app.add_option("--model", model, "with --server: the model that is the release's tail")
      ->type_name("NAME");
  app.add_flag("--plain-http", plain_http, "send to another machine without TLS");
  app.add_option("--timeout-secs", timeout_seconds, "of one call")->type_name("SECONDS");
  app.add_option("--header", headers, "NAME: VALUE with every call; may be repeated")
      ->type_name("HEADER");
  app.add_option("--contract-client", contract_client,
                 "NAME=FILE: tag requests; the server knows this key by this name")
      ->type_name("CLIENT");
  app.add_option("--tls-authority", authority_file, "PEM file; of the server's certificate")
      ->type_name("FILE");
  app.add_option("--tls-certificate", certificate_file, "PEM file; this client's own")
      ->type_name("FILE");
  app.add_option("--tls-private-key", private_key_file, "PEM file")->type_name("FILE");
  app.add_option("--tls-pinned-key", pinned_key, "sha256//BASE64 of the server's public key")
      ->type_name("HASH");
}

void ServerFlags::check() const {
  require(server.empty() == model.empty(), "--server and --model go together");
  require(!server.empty() || (!plain_http && headers.empty() && contract_client.empty() &&
                              authority_file.empty() && certificate_file.empty() &&
                              private_key_file.empty() && pinned_key.empty()),
          "how to ask a server is said, and no --server");
  require(1 <= timeout_seconds && timeout_seconds <= 3600, "--timeout-secs is ", timeout_seconds,
          ", not 1 to 3600");
}

std::unique_ptr<Client> ServerFlags::open() const {
  ClientOptions options;
  options.allow_plain_http = plain_http;
  options.timeout = std::chrono::seconds(timeout_seconds);
  options.tls = {text_of("--tls-authority", authority_file),
                 text_of("--tls-certificate", certificate_file),
                 text_of("--tls-private-key", private_key_file), pinned_key};
  for (const std::string& header : headers) {
    options.headers.push_back(halves_of("--header", header, ':', "NAME: VALUE"));
  }
  if (!contract_client.empty()) {
    const auto [name, file] = halves_of("--contract-client", contract_client, '=', "NAME=FILE");
    options.tag = ClientTag{name, Key::load(file)};
  }
  return std::make_unique<Client>(server, std::move(options));
}

}  // namespace scrim::cli
