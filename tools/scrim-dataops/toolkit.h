// The command lines of the NetApp DataOps Toolkit in the words of this program.
#pragma once

#include <string>
#include <vector>

namespace scrim::cli {

// `create volume --namespace=inference --pvc-name=data --size=50Gi` becomes `create volume
// --namespace inference data --size 50Gi`, and so the short flags. Words that are none of the
// toolkit's stay. docs/guide/dataops.md lists what is known.
std::vector<std::string> from_toolkit(const std::vector<std::string>& words);

}  // namespace scrim::cli
