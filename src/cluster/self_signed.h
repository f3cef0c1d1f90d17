// A certificate that a program of the cluster brings itself.
#pragma once

#include <string>
#include <vector>

namespace scrim {

struct SelfSigned {
  std::string certificate, key;  // PEM
};

// For the names, which are DNS names or addresses, at least one; it is good for ten years. People
// compare its fingerprint, since no authority has signed it.
SelfSigned self_signed(const std::vector<std::string>& names);

}  // namespace scrim
