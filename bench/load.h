// Load on a server over plain sockets: as little work a call as there can be, so that the server is
// what is measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace scrim {

struct LoadResult {
  double seconds = 0;
  std::uint64_t answers = 0;
  std::uint64_t errors = 0;       // another status than 200, or a connection that ended
  std::vector<double> latencies;  // milliseconds, sorted

  double per_second() const { return static_cast<double>(answers) / seconds; }
  double quantile(double q) const;
};

struct LoadOptions {
  std::uint16_t port = 0;
  std::string request;  // whole, head and body
  int connections = 8;  // each has one call in flight
  double seconds = 5;
  double rate = 0;  // calls a second, at random times; 0: as many as are answered
};

// With a rate, a latency counts from the time at which the call was due, so that a server that
// stalls does not hide it.
LoadResult load(const LoadOptions& options);

}  // namespace scrim
