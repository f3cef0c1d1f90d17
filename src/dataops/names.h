// Names and labels, by the rules of Kubernetes, so that what has one here can have it there.
#pragma once

#include <scrim/dataops.h>

#include <string>
#include <string_view>

namespace scrim {

constexpr std::size_t kMostOfName = 253;
constexpr std::size_t kMostOfLabel = 63;

bool is_control(char c);
// For a message: its beginning in quotes, without control characters.
std::string quoted(const std::string& text);

// Throws kInvalidArgument, naming `what`, unless it is an RFC 1123 subdomain.
void check_name(std::string_view what, const std::string& name);
// Of a namespace: without dots, at most 63 characters.
void check_namespace(const std::string& name);
// Of keys "prefix/name" or "name", and values of at most 63 characters.
void check_labels(const Labels& labels);

// Throws kInvalidArgument, naming `what`, for bytes that are no UTF-8, which JSON cannot hold.
void check_text(std::string_view what, const std::string& text);
// Of a cluster. `service` is NodePort, LoadBalancer or ClusterIP; a resource has an amount.
void check_service(const std::string& service);
void check_resources(const Labels& resources);

// The volume of a cloned server's models, and the one that a server gets in an update: the volume
// itself, or "server-NAME.SNAPSHOT".
std::string volume_of_server(const std::string& server);
std::string volume_for_server(const std::string& server, const Origin& models);
// Throws kInvalidArgument where the snapshot was taken again under the name of one before, since
// that clone was made of it. Both are as of Volume::created.
void check_models_of(const std::string& snapshot, const std::string& taken,
                     const std::string& cloned);
// What marks a clone that an update has made for a server.
Labels labels_of_models(const std::string& server);

// "data.20261127120000", in UTC: the name of a snapshot that nobody named.
std::string dated_name(const std::string& volume);

}  // namespace scrim
