// What a workspace on a cluster is made of: a claim, a secret, a deployment and a service, all of
// one name.
#pragma once

#include <scrim/dataops.h>

#include "cluster/deployments.h"

#include <string>
#include <vector>

namespace scrim {

inline constexpr const char* kWorkspaceLabel = "scrim-dataops/workspace";  // the workspace's name
inline constexpr const char* kWorkspaceSettings = "jupyter.json";          // in its secret
inline constexpr const char* kToolkitWorkspaceLabel = "jupyterlab-workspace-name";

// The name of all of them, of ours and of the toolkit's.
std::string workspace_object_name(const std::string& workspace);
std::string toolkit_workspace_name(const std::string& workspace);

// The settings of JupyterLab, with its password or a token, and a certificate for `names` where the
// plan has none of its own.
ApiObject secret_for_workspace(const WorkspacePlan& plan, const std::vector<std::string>& names);
ApiObject deployment_for_workspace(const WorkspacePlan& plan);
ApiObject service_for_workspace(const WorkspacePlan& plan);

// The name of the workspace that it is of, ours or the toolkit's; empty where it is of none.
std::string workspace_of(const ApiObject& deployment);
// What it is made of: as it is noted, or as its parts say.
WorkspacePlan plan_of_workspace(const ApiObject& deployment, const ApiObject& service);
// The claim of its own volume.
std::string own_claim_of(const ApiObject& deployment);
Deployed deployed_workspace(const ApiObject& deployment);

// Where its page is, without a token; empty where nobody listens. `node` as in address_of.
std::string url_of_workspace(const ApiObject& deployment, const ApiObject& service,
                             const std::string& node);

}  // namespace scrim
