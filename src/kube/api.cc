#include "kube/api.h"

#include "base/check.h"
#include "kube/api_error.h"

#include <algorithm>
#include <thread>

namespace scrim {
namespace {

using std::chrono::steady_clock;

constexpr int kPageOfList = 500;
constexpr int kOk = 200, kCreated = 201, kAccepted = 202;
constexpr int kNotThere = 404, kConflict = 409, kGone = 410;
constexpr int kMostConflicts = 20;
constexpr std::chrono::hours kLongestLog{24 * 365};
constexpr std::chrono::milliseconds kAfterConflict{50}, kAfterBreak{200};

bool is_success(const ApiReply& reply) {
  return reply.status == kOk || reply.status == kCreated || reply.status == kAccepted;
}

std::string escaped_part(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string query_of(const ApiSelection& selection) {
  std::string query;
  if (!selection.labels.empty()) query += "&labelSelector=" + escaped_part(selection.labels);
  if (!selection.fields.empty()) query += "&fieldSelector=" + escaped_part(selection.fields);
  return query;
}

ApiObject parsed(const ApiReply& reply, const std::string& what) {
  ApiObject object = parse_sorted_json(reply.body, "the cluster's answer for " + what);
  if (!object.is_object()) fail(ErrorCode::kCorrupt, "the cluster's answer for ", what, " is none");
  return object;
}

// 409 is of two kinds; this one says that the name is taken.
bool is_taken(const ApiReply& reply) {
  return reply.status == kConflict && reply.body.find("\"AlreadyExists\"") != std::string::npos;
}

}  // namespace

std::string text_at(const ApiObject& object, std::string_view path) {
  const ApiObject* at = &object;
  while (!path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(key.size() + 1, path.size()));
    if (!at->is_object()) return "";
    const auto found = at->find(key);
    if (found == at->end()) return "";
    at = &*found;
  }
  return at->is_string() ? at->get<std::string>() : "";
}

Api::Api(ClusterAccess access, ApiOptions options)
    : options_(std::move(options)), connection_(std::move(access), options_.patience) {
  if (options_.space.empty()) options_.space = connection_.access().space;
}

std::optional<std::string> Api::version_of(std::string_view group) {
  if (group.empty()) return "v1";
  if (const auto known = versions_.find(group); known != versions_.end()) return known->second;
  const std::string what = sentence("API group '", group, "'");
  const ApiReply reply = connection_.send({.path = "/apis/" + std::string(group)});
  std::optional<std::string> version;
  if (is_success(reply)) {
    version = text_at(parsed(reply, what), "preferredVersion.version");
    if (version->empty()) fail(ErrorCode::kCorrupt, "the cluster names no version of ", what);
  } else if (reply.status != kNotThere) {
    fail_as_status(reply, what);
  }
  return versions_[std::string(group)] = version;
}

std::string Api::path_of(const ApiKind& kind, const std::string& name) {
  std::string path = "/api/v1";
  if (!kind.group.empty()) {
    const auto version = version_of(kind.group);
    if (!version) {
      fail(ErrorCode::kUnsupported, "this cluster has no API group '", kind.group, "', which ",
           kind.plural, " are of");
    }
    path = sentence("/apis/", kind.group, "/", *version);
  }
  if (kind.namespaced) path += "/namespaces/" + escaped_part(options_.space);
  path.append("/").append(kind.plural);
  if (!name.empty()) path += "/" + escaped_part(name);
  return path;
}

std::string Api::words_for(const ApiKind& kind, const std::string& name) const {
  std::string words(kind.name);
  if (!name.empty()) words += " '" + name + "'";
  if (kind.namespaced) words += " in namespace '" + options_.space + "'";
  return words;
}

std::string Api::changing() const {
  return "?fieldManager=" + escaped_part(options_.manager) +
         (options_.dry_run ? "&dryRun=All" : "");
}

ApiObject Api::completed(const ApiKind& kind, ApiObject object) {
  const std::string version = version_of(kind.group).value_or("v1");
  object["apiVersion"] = kind.group.empty() ? version : sentence(kind.group, "/", version);
  object["kind"] = kind.name;
  if (kind.namespaced) object["metadata"]["namespace"] = options_.space;
  return object;
}

std::optional<ApiObject> Api::find(const ApiKind& kind, const std::string& name) {
  const ApiReply reply = connection_.send({.path = path_of(kind, name)});
  if (reply.status == kNotThere) return std::nullopt;
  const std::string what = words_for(kind, name);
  if (!is_success(reply)) fail_as_status(reply, what);
  return parsed(reply, what);
}

Api::Listed Api::listed(const ApiKind& kind, const ApiSelection& selection) {
  Listed all;
  const std::string what = words_for(kind);
  const std::string path = sentence(path_of(kind), "?limit=", kPageOfList, query_of(selection));
  std::string next;
  while (true) {
    const ApiReply reply = connection_.send({.path = sentence(path, next)});
    if (reply.status == kGone && !next.empty()) {  // the pages took too long: from the start
      all.objects.clear();
      next.clear();
      continue;
    }
    if (!is_success(reply)) fail_as_status(reply, what);
    ApiObject page = parsed(reply, what);
    if (!page["items"].is_array())
      fail(ErrorCode::kCorrupt, "the cluster's list of ", what, " is none");
    for (ApiObject& object : page["items"]) {
      const std::string name = text_at(object, "metadata.name");
      all.objects[name] = std::move(object);
    }
    all.version = text_at(page, "metadata.resourceVersion");
    const std::string more = text_at(page, "metadata.continue");
    if (more.empty()) return all;
    next = "&continue=" + escaped_part(more);
  }
}

std::vector<ApiObject> Api::list(const ApiKind& kind, const ApiSelection& selection) {
  Listed all = listed(kind, selection);
  std::vector<ApiObject> objects;
  for (auto& [name, object] : all.objects) objects.push_back(std::move(object));
  return objects;
}

std::optional<ApiObject> Api::create(const ApiKind& kind, ApiObject object) {
  object = completed(kind, std::move(object));
  const std::string what = words_for(kind, text_at(object, "metadata.name"));
  const ApiReply reply = connection_.send(
      {.method = "POST", .path = path_of(kind) + changing(), .body = object.dump()});
  if (is_taken(reply)) return std::nullopt;
  if (reply.status == kNotThere && kind.namespaced) {
    fail(ErrorCode::kNotFound, "there is no namespace '", options_.space, "'");
  }
  if (!is_success(reply)) fail_as_status(reply, what);
  return parsed(reply, what);
}

ApiObject Api::apply(const ApiKind& kind, ApiObject object) {
  object = completed(kind, std::move(object));
  const std::string name = text_at(object, "metadata.name");
  const std::string what = words_for(kind, name);
  const ApiReply reply = connection_.send({.method = "PATCH",
                                           .path = path_of(kind, name) + changing(),
                                           .body = object.dump(),
                                           .content_type = "application/apply-patch+yaml"});
  if (!is_success(reply)) fail_as_status(reply, what);
  return parsed(reply, what);
}

ApiObject Api::change(const ApiKind& kind, const std::string& name,
                      const std::function<ApiObject(const ApiObject&)>& patch) {
  const std::string what = words_for(kind, name);
  for (int conflicts = 0;; ++conflicts) {
    const auto object = find(kind, name);
    if (!object) fail(ErrorCode::kNotFound, "there is no ", what);
    ApiObject changes = patch(*object);
    if (changes.empty()) return *object;
    changes["metadata"]["resourceVersion"] = text_at(*object, "metadata.resourceVersion");
    const ApiReply reply = connection_.send({.method = "PATCH",
                                             .path = path_of(kind, name) + changing(),
                                             .body = changes.dump(),
                                             .content_type = "application/merge-patch+json"});
    if (is_success(reply)) return parsed(reply, what);
    if (reply.status != kConflict || conflicts == kMostConflicts) fail_as_status(reply, what);
    std::this_thread::sleep_for(kAfterConflict);
  }
}

bool Api::remove(const ApiKind& kind, const std::string& name, const std::string& uid,
                 Removal removal) {
  ApiObject options = {
      {"apiVersion", "v1"},
      {"kind", "DeleteOptions"},
      {"propagationPolicy", removal == Removal::kForeground ? "Foreground" : "Background"}};
  if (!uid.empty()) options["preconditions"]["uid"] = uid;
  if (options_.dry_run) options["dryRun"] = {"All"};
  const ApiReply reply =
      connection_.send({.method = "DELETE", .path = path_of(kind, name), .body = options.dump()});
  if (reply.status == kNotThere) return false;
  if (!is_success(reply)) fail_as_status(reply, words_for(kind, name));
  return true;
}

// Takes changes until the connection ends. Throws nothing for a version that is too old: `known`
// then has none, and the caller lists again.
bool Api::follow(const ApiKind& kind, const ApiSelection& selection, Deadline deadline,
                 const std::stop_token& stop, Listed& known,
                 const std::function<bool(const ByName&)>& done) {
  const std::string what = words_for(kind);
  bool is_done = false;
  const auto on_line = [&](std::string_view line) {
    if (line.empty()) return true;
    ApiObject event = parse_sorted_json(line, "the cluster's news of " + what);
    const std::string type = text_at(event, "type");
    if (type == "ERROR") {
      known.version.clear();
      return false;
    }
    ApiObject& object = event["object"];
    known.version = text_at(object, "metadata.resourceVersion");
    if (type == "BOOKMARK") return true;
    const std::string name = text_at(object, "metadata.name");
    if (type == "DELETED") {
      known.objects.erase(name);
    } else {
      known.objects[name] = std::move(object);
    }
    is_done = done(known.objects);
    return !is_done;
  };
  const ApiReply reply = connection_.follow(
      path_of(kind) + "?watch=1&allowWatchBookmarks=true&resourceVersion=" + known.version +
          query_of(selection),
      deadline, stop, on_line);
  if (reply.status == kGone) {
    known.version.clear();
  } else if (reply.status >= 400 && reply.status < 500 && reply.status != 429) {
    fail_as_status(reply, what);
  } else if (reply.status != kOk && !is_done) {
    std::this_thread::sleep_for(kAfterBreak);
  }
  return is_done;
}

bool Api::watch(const ApiKind& kind, const ApiSelection& selection, Deadline deadline,
                std::stop_token stop, const std::function<bool(const ByName&)>& done) {
  Listed known;
  while (true) {
    if (known.version.empty()) {
      known = listed(kind, selection);
      if (done(known.objects)) return true;
    }
    if (steady_clock::now() >= deadline) return false;
    if (follow(kind, selection, deadline, stop, known, done)) return true;
    if (stop.stop_requested())
      fail(ErrorCode::kUnavailable, "stopped while waiting for ", words_for(kind));
  }
}

void Api::follow_log(const std::string& pod, const std::string& container, std::stop_token stop,
                     const std::function<void(std::string_view)>& on_line) {
  const std::string which = container.empty() ? "" : "&container=" + container;
  const ApiReply reply = connection_.follow(path_of(kPods, pod) + "/log?follow=true" + which,
                                            steady_clock::now() + kLongestLog, std::move(stop),
                                            [&](std::string_view line) {
                                              on_line(line);
                                              return true;
                                            });
  if (reply.status == kOk) {
    if (!reply.body.empty()) on_line(reply.body);  // a last line without its end
  } else if (reply.status != 0) {
    fail_as_status(reply, "the log of " + words_for(kPods, pod));
  }
}

std::vector<std::string> Api::events_of(const ApiObject& object) {
  std::vector<ApiObject> events =
      list(kEvents, {.fields = "involvedObject.uid=" + text_at(object, "metadata.uid")});
  std::ranges::stable_sort(events, {}, [](const ApiObject& event) {
    const std::string last = text_at(event, "lastTimestamp");
    return std::pair(text_at(event, "type") == "Warning",
                     last.empty() ? text_at(event, "metadata.creationTimestamp") : last);
  });
  std::vector<std::string> sentences;
  for (const ApiObject& event : events) {
    sentences.push_back(text_at(event, "reason") + ": " + text_at(event, "message"));
  }
  return sentences;
}

bool Api::may(const std::string& verb, const ApiKind& kind) {
  ApiObject attributes = {{"verb", verb}, {"group", kind.group}, {"resource", kind.plural}};
  if (kind.namespaced) attributes["namespace"] = options_.space;
  ApiObject review =
      completed(kAccessReviews, {{"spec", {{"resourceAttributes", std::move(attributes)}}}});
  const ApiReply reply =
      connection_.send({.method = "POST", .path = path_of(kAccessReviews), .body = review.dump()});
  if (!is_success(reply)) fail_as_status(reply, words_for(kAccessReviews));
  const ApiObject answer = parsed(reply, words_for(kAccessReviews));
  const auto status = answer.find("status");
  return status != answer.end() && status->value("allowed", false);
}

}  // namespace scrim
