#include "protocol/request_error.h"

#include <array>
#include <cstddef>

namespace scrim {
namespace {

struct Codes {
  int http, grpc;
};
constexpr std::array<Codes, 7> kCodes = {
    {{400, 3}, {404, 5}, {403, 14}, {422, 9}, {500, 13}, {501, 12}, {503, 14}}};

const Codes& codes_of(RequestFault fault) { return kCodes[static_cast<std::size_t>(fault)]; }

}  // namespace

int http_status(RequestFault fault) { return codes_of(fault).http; }

int grpc_code(RequestFault fault) { return codes_of(fault).grpc; }

void invalid_request(const std::string& message) {
  throw RequestError(RequestFault::kInvalid, message);
}

}  // namespace scrim
