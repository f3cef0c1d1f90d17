// The objects of a cluster: read, made, changed, removed, watched. They stay JSON, so that fields
// that nobody here knows pass through unchanged.
#pragma once

#include "base/json.h"
#include "kube/api_kind.h"
#include "kube/cluster_connection.h"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

using ApiObject = SortedJson;

// Which of a kind's objects.
struct ApiSelection {
  std::string labels = {};  // "app=x,tier!=y"
  std::string fields = {};  // "metadata.name=x"
};

enum class Removal { kBackground, kForeground };  // of what an object owns: after it, before it

struct ApiOptions {
  std::string space = {};    // the namespace; of the access where it is empty
  std::string manager = {};  // whose fields they are: the field manager
  HttpPatience patience{std::chrono::seconds(5), std::chrono::seconds(30)};
  bool dry_run = false;  // the cluster checks every change and keeps none
};

// What a cluster answers is an error of this class's methods unless they say otherwise:
// fail_as_status.
class Api {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  using ByName = std::map<std::string, ApiObject>;

  Api(ClusterAccess access, ApiOptions options);

  const std::string& space() const { return options_.space; }
  const ClusterAccess& access() const { return connection_.access(); }
  std::size_t calls() const { return connection_.calls(); }

  // The version that the cluster prefers for a group ("v1"); nothing where it has no such group.
  std::optional<std::string> version_of(std::string_view group);

  // Nothing where there is none of that name: a 404, and no other answer.
  std::optional<ApiObject> find(const ApiKind& kind, const std::string& name);
  // All of them, asked for in pages.
  std::vector<ApiObject> list(const ApiKind& kind, const ApiSelection& selection = {});

  // `object` without apiVersion and kind. Nothing where there is one of that name already.
  std::optional<ApiObject> create(const ApiKind& kind, ApiObject object);
  // Makes it, or makes its fields those of `object` (server-side apply). kUnavailable names another
  // field manager that has set one of them otherwise.
  ApiObject apply(const ApiKind& kind, ApiObject object);
  // Changes fields by a merge patch that `change` makes of what is there, and again when somebody
  // else was faster; an empty patch changes nothing. Throws kNotFound without the object.
  ApiObject change(const ApiKind& kind, const std::string& name,
                   const std::function<ApiObject(const ApiObject&)>& patch);
  // Returns whether there was one. With `uid`, that one or none: kUnavailable for another.
  bool remove(const ApiKind& kind, const std::string& name, const std::string& uid = {},
              Removal removal = Removal::kBackground);

  // Calls `done` with the objects that there are, and again after each change, until it returns
  // true or the deadline passes. Returns what `done` returned last. Connections that end and
  // versions that are too old (410) are its own business. Throws kUnavailable after a stop.
  bool watch(const ApiKind& kind, const ApiSelection& selection, Deadline deadline,
             std::stop_token stop, const std::function<bool(const ByName&)>& done);

  // Hands over the lines of the log of a pod's container, empty for its only one, until it ends,
  // the connection does, or a stop is asked for.
  void follow_log(const std::string& pod, const std::string& container, std::stop_token stop,
                  const std::function<void(std::string_view)>& on_line);

  // What the cluster says about an object, warnings last and the latest last: "Reason: message".
  std::vector<std::string> events_of(const ApiObject& object);

  // Whether who asks may: `verb` is get, list, watch, create, patch or delete.
  bool may(const std::string& verb, const ApiKind& kind);

 private:
  struct Listed {
    ByName objects;
    std::string version;  // to watch from
  };
  std::string path_of(const ApiKind& kind, const std::string& name = {});
  std::string changing() const;  // the query of a call that changes something
  Listed listed(const ApiKind& kind, const ApiSelection& selection);
  bool follow(const ApiKind& kind, const ApiSelection& selection, Deadline deadline,
              const std::stop_token& stop, Listed& known,
              const std::function<bool(const ByName&)>& done);
  std::string words_for(const ApiKind& kind, const std::string& name = {}) const;
  ApiObject completed(const ApiKind& kind, ApiObject object);

  ApiOptions options_;
  ClusterConnection connection_;
  std::map<std::string, std::optional<std::string>, std::less<>> versions_;
};

// metadata.name, and other texts on the way to a value; empty where there is none.
std::string text_at(const ApiObject& object, std::string_view path);

}  // namespace scrim
