// The names of wires and draws, as flags of the command line have them.
#pragma once

#include <scrim/noise.h>

#include <string>

namespace scrim::python {

// Throw kInvalidArgument naming those that there are.
WireType wire_of(const std::string& name);
Draw draw_of(const std::string& name);
const char* name_of(WireType wire);
const char* name_of(Draw draw);

}  // namespace scrim::python
