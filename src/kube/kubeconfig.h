// Access to clusters as kubeconfig files say it, by the rules of kubectl.
#pragma once

#include "kube/cluster_access.h"

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

// The files that KUBECONFIG lists, divided by ':', or else that of the home folder.
std::vector<std::filesystem::path> kubeconfig_files();

// The access of a context; `context` empty: of the current one. Files that are not there are passed
// over, and what an earlier file names, a later one does not change. Paths in a file are relative
// to it.
//
// Throws kNotFound without any of the files, without the context or what it names; kCorrupt, with
// the line, for a file that is none; kUnsupported for an auth-provider, which clusters no longer
// take. No file is changed, and no error says what a secret is.
ClusterAccess read_kubeconfig(const std::vector<std::filesystem::path>& files,
                              const std::string& context = {});

// A sentence for each of the files with secrets that others on this machine may read.
std::vector<std::string> open_kubeconfigs(const std::vector<std::filesystem::path>& files);

}  // namespace scrim
