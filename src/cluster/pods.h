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

// The pod of the selection, when it runs or has ended. Throws kUnavailable, with what keeps it,
// when the patience of `work` is over.
ApiObject started_pod(const ClusterWork& work, const ApiSelection& selection,
                      const std::string& what);

// Hands over the lines of the log of a pod that has started, until it ends; returns it as it is
// then. However long it takes: a stop ends it with kUnavailable.
ApiObject follow_pod(const ClusterWork& work, const ApiObject& pod,
                     const std::function<void(std::string_view)>& on_line);

}  // namespace scrim
