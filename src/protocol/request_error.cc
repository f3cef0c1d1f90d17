#include "protocol/request_error.h"

#include <array>
#include <cstddef>

namespace scrim {
namespace {

struct Row {
  int http, grpc;
};
constexpr std::array<Row, 7> kRows = {
    {{400, 3}, {404, 5}, {403, 14}, {422, 9}, {500, 13}, {501, 12}, {503, 14}}};

const Row& row(RequestFault fault) { return kRows[static_cast<std::size_t>(fault)]; }

}  // namespace

int http_status(RequestFault fault) { return row(fault).http; }

int grpc_code(RequestFault fault) { return row(fault).grpc; }

}  // namespace scrim
