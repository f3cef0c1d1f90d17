// The kinds of objects that are called for.
#pragma once

#include <string_view>

namespace scrim {

// As discovery lists it. The version is the cluster's to say, but for the core group's v1.
struct ApiKind {
  std::string_view group;   // empty: the core
  std::string_view name;    // "PersistentVolumeClaim"
  std::string_view plural;  // "persistentvolumeclaims"
  bool namespaced = true;
};

inline constexpr ApiKind kNamespaces{"", "Namespace", "namespaces", false};
inline constexpr ApiKind kPods{"", "Pod", "pods"};
inline constexpr ApiKind kEvents{"", "Event", "events"};
inline constexpr ApiKind kVolumeClaims{"", "PersistentVolumeClaim", "persistentvolumeclaims"};
inline constexpr ApiKind kPersistentVolumes{"", "PersistentVolume", "persistentvolumes", false};
inline constexpr ApiKind kNodes{"", "Node", "nodes", false};
inline constexpr ApiKind kSecrets{"", "Secret", "secrets"};
inline constexpr ApiKind kServices{"", "Service", "services"};
inline constexpr ApiKind kDeployments{"apps", "Deployment", "deployments"};
inline constexpr ApiKind kStatefulSets{"apps", "StatefulSet", "statefulsets"};
inline constexpr ApiKind kJobs{"batch", "Job", "jobs"};
inline constexpr ApiKind kCronJobs{"batch", "CronJob", "cronjobs"};
inline constexpr ApiKind kStorageClasses{"storage.k8s.io", "StorageClass", "storageclasses", false};
inline constexpr ApiKind kVolumeSnapshots{"snapshot.storage.k8s.io", "VolumeSnapshot",
                                          "volumesnapshots"};
inline constexpr ApiKind kAccessReviews{"authorization.k8s.io", "SelfSubjectAccessReview",
                                        "selfsubjectaccessreviews", false};

}  // namespace scrim
