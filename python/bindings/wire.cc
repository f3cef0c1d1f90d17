#include "wire.h"

#include <scrim/status.h>

namespace scrim::python {

WireType wire_of(const std::string& name) {
  for (const auto wire : {WireType::kFp32, WireType::kFp16, WireType::kInt8}) {
    if (name == name_of(wire)) return wire;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "wire must be 'fp32', 'fp16' or 'int8', got '" + name + "'");
}

Draw draw_of(const std::string& name) {
  for (const auto draw : {Draw::kSticky, Draw::kFresh}) {
    if (name == name_of(draw)) return draw;
  }
  throw Error(ErrorCode::kInvalidArgument, "draw must be 'sticky' or 'fresh', got '" + name + "'");
}

const char* name_of(WireType wire) {
  if (wire == WireType::kFp16) return "fp16";
  return wire == WireType::kInt8 ? "int8" : "fp32";
}

const char* name_of(Draw draw) { return draw == Draw::kFresh ? "fresh" : "sticky"; }

}  // namespace scrim::python
