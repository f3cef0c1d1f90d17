// What a server on a cluster is made of.
#pragma once

#include <scrim/dataops.h>

#include "kube/api.h"

#include <string>

namespace scrim {

inline constexpr const char* kServerLabel = "scrim-dataops/server";  // the server's name
inline constexpr const char* kToolkitServerLabel = "triton-server-name";

// The name of deployment and service.
std::string server_object_name(const std::string& server);

ApiObject deployment_for(const ServerPlan& plan);
ApiObject service_for(const ServerPlan& plan);

// Those of a server with all that another one has, ours or the toolkit's, but its volume.
ApiObject deployment_like(const ApiObject& other, const std::string& server,
                          const std::string& volume);
ApiObject service_like(const ApiObject& other, const std::string& server);

// What the plan is noted as: two are the same when their notes are.
std::string plan_note(const ServerPlan& plan);

// Throws kInvalidArgument for replicas, a service or resources that are none.
void check_plan(const ServerPlan& plan);

// The server's name, and the volume that it serves, of a deployment of ours or of the toolkit.
std::string server_of(const ApiObject& deployment);
std::string served_volume_of(const ApiObject& deployment);

}  // namespace scrim
