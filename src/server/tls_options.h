// TLS of a port, whatever it speaks.
#pragma once

#include <string>

namespace scrim {

// The certificate and key of the server, as PEM texts, and whose certificates clients must show.
struct TlsOptions {
  std::string certificate;
  std::string private_key;
  std::string client_authority = {};  // empty: clients show none
};

}  // namespace scrim
