// JupyterLab as the program of a workspace: its settings, and who may enter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace scrim {

struct JupyterPlace {
  std::string address;                     // that it listens on
  std::uint16_t port = 0;                  // in a container 8888
  std::string folder;                      // that it shows
  std::string certificate = {}, key = {};  // files, PEM; empty: without TLS
  bool as_root = false;                    // it may run as root
};

// The settings file of JupyterLab, for Jupyter Server 1 and 2: JSON. It holds a hash of the
// password, or where that is empty a token of 128 bits that is drawn for it.
std::string jupyter_settings(const JupyterPlace& place, const std::string& password);
// The token in such settings; empty where a password opens. Throws kCorrupt for other text.
std::string token_in(const std::string& settings);

// Whether the password opens what has such settings.
bool opens(const std::string& settings, const std::string& password);

// Words that start it with such a file.
std::vector<std::string> jupyter_command(const std::string& settings_file);

// "argon2:$argon2id$..." as Jupyter Server checks it, of a salt that is drawn.
std::string password_hash(const std::string& password);

}  // namespace scrim
