// Pictures side by side.
#pragma once

#include <scrim/audit.h>

#include <string>
#include <vector>

namespace scrim {

// Each picture with its states in one row; panels without a picture are left out. Wide pictures
// are made smaller.
std::string picture_rows(const std::vector<ReportPicture>& pictures);

}  // namespace scrim
