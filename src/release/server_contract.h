// server/contract.json: what a server can check of a noisy activation without the secrets.
#pragma once

#include <scrim/release.h>

#include <string>

namespace scrim {

// The text of contract.json: the shape, and scale and sigma of each direction at each alpha. It
// holds neither mean nor basis, which stay with the head, and not the release id: the id is a hash
// over this text.
std::string format_contract(const Manifest& manifest, const NoiseParameters& noise);

}  // namespace scrim
