// Pods that run a program to its end.
#pragma once

#include "cluster/work.h"

#include <functional>
#include <string>
#include <string_view>

namespace scrim {

// Well or not.
bool pod_has_ended(const ApiObject& pod);

// What keeps a pod from running, as far as it or the scheduler says; empty where nothing does.
std::string trouble_of_pod(const ClusterWork& work, const ApiObject& pod);

// The pod of the selection, when it runs, or that container of it does, or has ended. Throws
// kUnavailable, with what keeps it, when the patience of `work` is over.
ApiObject started_pod(const ClusterWork& work, const ApiSelection& selection,
                      const std::string& what, const std::string& container = {});

// Hands over the lines of the log of a pod that has started, or of that container, until it ends;
// returns the pod as it is then. However long it takes: a stop ends it with kUnavailable.
ApiObject follow_pod(const ClusterWork& work, const ApiObject& pod,
                     const std::function<void(std::string_view)>& on_line,
                     const std::string& container = {});

// Of a container that has ended: 128 + N for signal N, as the node says; 255 where nobody knows, as
// of a pod that was evicted.
int exit_code_of(const ApiObject& pod, const std::string& container);

}  // namespace scrim
