// The three kinds of subject; Subject::open chooses by the file.
#pragma once

#include "learn/subject.h"

namespace scrim {

std::unique_ptr<Subject> open_faceboxes(const std::filesystem::path& weights,
                                        const std::string& split_point);
// An empty split point is the network's own default, here and in Subject::open.
std::unique_ptr<Subject> open_small_classifier(const std::filesystem::path& weights,
                                               const std::string& split_point);
std::unique_ptr<Subject> open_torchscript(const std::filesystem::path& file,
                                          const std::string& split_point, const std::string& task);
std::unique_ptr<Subject> open_torchscript_pair(const std::filesystem::path& head,
                                               const std::filesystem::path& tail,
                                               const std::string& task);

}  // namespace scrim
