// Whether something answers on a port of this machine.
#pragma once

#include <cstdint>
#include <string>

namespace scrim {

// The status of GET `path`, without its body; 0 where nothing answers within a second.
int http_status_of(std::uint16_t port, const std::string& path);

// A port that is free at this moment. Throws kUnavailable where there is none.
std::uint16_t free_port();
bool is_port_free(std::uint16_t port);

}  // namespace scrim
