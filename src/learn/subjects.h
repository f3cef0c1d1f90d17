// The two kinds of subject; Subject::open chooses by the file.
#pragma once

#include "learn/subject.h"

namespace scrim {

std::unique_ptr<Subject> open_faceboxes(const std::filesystem::path& weights,
                                        const std::string& split_point);
std::unique_ptr<Subject> open_torchscript(const std::filesystem::path& file,
                                          const std::string& split_point);
std::unique_ptr<Subject> open_torchscript_pair(const std::filesystem::path& head,
                                               const std::filesystem::path& tail);

}  // namespace scrim
