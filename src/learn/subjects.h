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

// What subjects of our own networks share.
//
// A chosen module is put into training mode and added to `trained`, batch norms included; any other
// takes no gradient and stays as it is.
void choose(torch::nn::Module& module, bool chosen, Trainable& trained);
// Makes `copy`, a network of the same kind, equal to `network`: weights, buffers, device. It is
// then in inference mode.
void copy_state(const torch::nn::Module& network, torch::nn::Module& copy);
// Subject::set_modes over the children of a network, in their order.
std::vector<bool> exchange_modes(torch::nn::Module& network, const std::vector<bool>& modes);

}  // namespace scrim
