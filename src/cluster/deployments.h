// A deployment and the service before it: whether its pods are ready, how many, and where they are
// found.
#pragma once

#include "cluster/work.h"

#include <optional>
#include <string>
#include <vector>

namespace scrim {

inline constexpr const char* kPlanNote = "scrim-dataops/plan";          // JSON
inline constexpr const char* kReplicasNote = "scrim-dataops/replicas";  // of one that is stopped

int replicas_of(const ApiObject& deployment);
// How many one that is stopped had; 1 where that is not noted.
int noted_replicas(const ApiObject& deployment);
bool is_ready_deployment(const ApiObject& deployment);
ProgramState state_of_deployment(const ApiObject& deployment);
// The claim that its pods have as their volume of that name; empty without one.
std::string claim_in(const ApiObject& deployment, const std::string& volume);
// Whether its pods mount the claim.
bool has_claim(const ApiObject& deployment, const std::string& claim);

// A deployment of the cluster, as messages and its pods know it.
struct Deployed {
  ApiObject object;
  std::string words;  // "server 'x'"
  ApiSelection pods;
};

// As it is when it is ready. Throws kUnavailable, with what keeps its pods, where that takes long.
ApiObject ready(const ClusterWork& work, const Deployed& one);
// Scales it to `replicas` and notes how many there were.
ApiObject scaled(const ClusterWork& work, const ApiObject& deployment, int replicas);
// Makes it and its service, or ends what a run that was killed has begun, and waits until it is
// ready, as the options say; what does not become ready is removed again. `wanted.object` has no
// apiVersion. Throws kInvalidArgument where there is one of that name with another kPlanNote.
Outcome<ApiObject> made(const ClusterWork& work, const Deployed& wanted, const ApiObject& service);
// Removes both; waits as the options say. Either may be missing.
void removed(const ClusterWork& work, const Deployed& one);
// To none, or to as many as there were; waits as the options say.
Outcome<ApiObject> stopped(const ClusterWork& work, const Deployed& one);
Outcome<ApiObject> started(const ClusterWork& work, const Deployed& one);

// Of a node, where a service's ports of nodes are found: from outside where there is such an
// address, else from inside; empty for who may not look.
std::string node_address(const ClusterWork& work);
// "HOST:PORT" of the service's port of that name; empty where nobody listens yet. `node` is the
// address of a node.
std::string address_of(const ApiObject& service, const std::string& port, const std::string& node);

// A deployment, the service before it, where there is one, and the address of a node, where the
// service's ports are found there.
struct Reached {
  ApiObject deployment;
  std::optional<ApiObject> service;
  std::string node;
};
Reached reached(const ClusterWork& work, const ApiObject& deployment);
// By one list of all services. Throws kNotFound where there is no deployment since the namespace is
// not there.
std::vector<Reached> all_reached(const ClusterWork& work,
                                 const std::vector<ApiObject>& deployments);

}  // namespace scrim
