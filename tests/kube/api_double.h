// An API server in memory, for the faults that a real one shows only by chance: calls that break
// off, versions that are too old, a server that is busy. api_contract_test.cc asks both the same.
#pragma once

#include "base/json.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace scrim {

class ApiDouble {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  // What happens to a call in place of its answer.
  struct Fault {
    std::string method;       // of the calls that it is for
    int status = 0;           // 0: the connection is closed
    std::string head = {};    // more lines, as in "Retry-After: 1\r\n"
    bool does_it = false;     // the call has its effect; only its answer is lost
    bool watch_only = false;  // only calls that watch
    bool half = false;        // half of the answer is sent
    std::chrono::milliseconds slow{0};
  };

  ApiDouble()
      : acceptor_(context_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this] { run(); }) {}
  ~ApiDouble() {
    stopping_ = true;
    changed_.notify_all();
    boost::system::error_code error;
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket(context).connect(acceptor_.local_endpoint(), error);
    thread_.join();
  }
  ApiDouble(const ApiDouble&) = delete;
  ApiDouble& operator=(const ApiDouble&) = delete;

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  // What a cluster fills in when an object is made, and what its controllers do after each change;
  // they may use the calls below.
  void set_controllers(std::function<void(const std::string& path, SortedJson&)> admit,
                       std::function<void()> settle) {
    const std::lock_guard lock(mutex_);
    admit_ = std::move(admit);
    settle_ = std::move(settle);
  }
  using Objects = std::map<std::string, SortedJson>;  // by path
  const Objects& objects() const { return objects_; }
  void put(const std::string& path, SortedJson object) {
    const bool is_new = !objects_.contains(path);
    if (is_new) object["metadata"]["uid"] = "uid-" + std::to_string(version_ + 1);
    record(path, is_new ? "ADDED" : "MODIFIED", object);
    objects_[path] = std::move(object);
  }
  void erase(const std::string& path) {
    SortedJson object = objects_.at(path);
    record(path, "DELETED", object);
    objects_.erase(path);
  }

  void lose_group(const std::string& group) {
    const std::lock_guard lock(mutex_);
    std::erase(groups_, group);
  }
  void fail_next(const Fault& fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(fault);
  }
  // The changes so far are forgotten: a watch from before them is told 410.
  void forget_history() {
    const std::lock_guard lock(mutex_);
    forgotten_ = version_;
    history_.clear();
  }
  // Ends the watches that are open.
  void drop_watches() {
    const std::lock_guard lock(mutex_);
    ++dropped_;
    changed_.notify_all();
  }
  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  int watches() const { return watches_; }  // that are open

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Answer {
    int status;
    SortedJson body;
  };
  struct Change {
    int version;
    std::string path;  // of the object
    SortedJson event;
  };

  void run() {
    std::vector<std::jthread> threads;
    while (true) {
      Socket socket(context_);
      acceptor_.accept(socket);
      if (stopping_) return;
      threads.emplace_back([this, own = std::move(socket)]() mutable { serve(own); });
    }
  }

  void serve(Socket& socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    while (true) {
      Request request;
      boost::beast::http::read(socket, buffer, request, error);
      if (error || !answer(socket, request)) return;
    }
  }

  // Returns whether the connection stays.
  bool answer(Socket& socket, const Request& request) {
    const std::string target(request.target());
    const bool watches = target.find("watch=1") != std::string::npos;
    Fault fault;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      if (!faults_.empty() && faults_.front().method == request.method_string() &&
          (!faults_.front().watch_only || watches)) {
        fault = faults_.front();
        faults_.pop_front();
      }
    }
    std::this_thread::sleep_for(fault.slow);
    const bool is_fault = !fault.method.empty() && !fault.half && fault.slow.count() == 0;
    if (is_fault && !fault.does_it) return send_fault(socket, fault);
    if (watches) return stream(socket, target);
    const Answer answer = act(request);
    if (is_fault) return send_fault(socket, fault);
    return send(socket, answer.status, answer.body.dump(), "", fault.half);
  }

  static bool send_fault(Socket& socket, const Fault& fault) {
    if (fault.status == 0) return false;
    return send(socket, fault.status, status_of(fault.status, "InternalError").dump(), fault.head,
                false);
  }

  static bool send(Socket& socket, int status, const std::string& body, const std::string& head,
                   bool half) {
    const std::string text = "HTTP/1.1 " + std::to_string(status) +
                             " X\r\nContent-Type: application/json\r\n" + head +
                             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                             body.substr(0, half ? body.size() / 2 : body.size());
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(text), error);
    return !error && !half;
  }

  static SortedJson status_of(int code, const std::string& reason) {
    return {{"kind", "Status"},
            {"apiVersion", "v1"},
            {"status", "Failure"},
            {"reason", reason},
            {"message", "double: " + reason},
            {"code", code}};
  }

  static std::string parameter(const std::string& target, const std::string& name) {
    const std::size_t start = target.find(name + "=");
    if (start == std::string::npos) return "";
    std::string value = target.substr(start + name.size() + 1);
    value = value.substr(0, value.find('&'));
    for (std::size_t at = 0; (at = value.find('%', at)) != std::string::npos; ++at) {
      value.replace(at, 3, 1, static_cast<char>(std::stoi(value.substr(at + 1, 2), nullptr, 16)));
    }
    return value;
  }

  static bool is_selected(const SortedJson& object, const std::string& target) {
    const std::string field = parameter(target, "fieldSelector");
    const std::string by_name = "metadata.name=";
    if (field.starts_with(by_name) && object["metadata"]["name"] != field.substr(by_name.size())) {
      return false;
    }
    const std::string label = parameter(target, "labelSelector");
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) return true;
    const SortedJson labels = object["metadata"].value("labels", SortedJson::object());
    return labels.value(label.substr(0, equals), "") == label.substr(equals + 1);
  }

  void record(const std::string& path, const std::string& type, SortedJson& object) {
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    history_.push_back({version_, path, {{"type", type}, {"object", object}}});
    changed_.notify_all();
  }

  Answer act(const Request& request) {
    const std::lock_guard lock(mutex_);
    Answer answer = changed(request);
    if (settle_ && request.method() != boost::beast::http::verb::get) settle_();
    return answer;
  }

  static bool is_list(const std::string& path) {
    constexpr int kOfCore = 2, kOfGroup = 3;  // segments before the rest
    const int rest = static_cast<int>(std::ranges::count(path, '/')) -
                     (path.starts_with("/api/") ? kOfCore : kOfGroup);
    return rest % 2 == 1;
  }

  Answer changed(const Request& request) {
    const std::string target(request.target());
    const std::string path = target.substr(0, target.find('?'));
    const auto method = request.method();
    using boost::beast::http::verb;
    for (const std::string& group : groups_) {
      if (path == "/apis/" + group) return {200, {{"preferredVersion", {{"version", "v1"}}}}};
    }
    if (path.ends_with("/selfsubjectaccessreviews"))
      return {201, {{"status", {{"allowed", true}}}}};
    const bool keeps = target.find("dryRun=All") == std::string::npos;
    if (method == verb::post && !keeps) return {201, parse_sorted_json(request.body(), "a body")};
    if (method == verb::post) return create(path, parse_sorted_json(request.body(), "a body"));
    const auto found = objects_.find(path);
    if (found == objects_.end()) {
      if (method == verb::get && is_list(path)) return list(path, target);
      const bool applies =
          method == verb::patch && request["Content-Type"].starts_with("application/apply-patch");
      if (!applies) return {404, status_of(404, "NotFound")};
      return create(path.substr(0, path.rfind('/')), parse_sorted_json(request.body(), "a body"));
    }
    if (method == verb::get) return {200, found->second};
    const SortedJson body = parse_sorted_json(request.body(), "a body");
    return method == verb::patch ? patch(found, body) : remove(found, body);
  }

  Answer list(const std::string& path, const std::string& target) {
    SortedJson items = SortedJson::array();
    for (const auto& [name, object] : objects_) {
      if (name.starts_with(path + "/") && is_selected(object, target)) items.push_back(object);
    }
    return {200,
            {{"kind", "List"},
             {"metadata", {{"resourceVersion", std::to_string(version_)}}},
             {"items", items}}};
  }

  Answer create(const std::string& path, SortedJson object) {
    const std::string own = path + "/" + object["metadata"]["name"].get<std::string>();
    if (objects_.contains(own)) return {409, status_of(409, "AlreadyExists")};
    if (admit_) admit_(own, object);
    put(own, std::move(object));
    return {201, objects_[own]};
  }

  Answer patch(std::map<std::string, SortedJson>::iterator found, const SortedJson& body) {
    SortedJson& object = found->second;
    const SortedJson& meta = body.value("metadata", SortedJson::object());
    if (meta.contains("resourceVersion") &&
        meta["resourceVersion"] != object["metadata"]["resourceVersion"]) {
      return {409, status_of(409, "Conflict")};
    }
    SortedJson next = object;
    next.merge_patch(body);
    next["metadata"]["resourceVersion"] = object["metadata"]["resourceVersion"];
    if (next != object) {
      object = next;
      record(found->first, "MODIFIED", object);
    }
    return {200, object};
  }

  Answer remove(std::map<std::string, SortedJson>::iterator found, const SortedJson& body) {
    const SortedJson wanted = body.value("preconditions", SortedJson::object());
    if (wanted.contains("uid") && wanted["uid"] != found->second["metadata"]["uid"]) {
      return {409, status_of(409, "Conflict")};
    }
    erase(found->first);
    return {200, {{"kind", "Status"}, {"status", "Success"}}};
  }

  static bool send_chunk(Socket& socket, const std::string& line) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", line.size());
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(size + line + "\r\n"), error);
    return !error;
  }

  bool stream(Socket& socket, const std::string& target) {
    const std::string path = target.substr(0, target.find('?'));
    int from = std::stoi(parameter(target, "resourceVersion"));
    const std::string head =
        "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(head), error);
    std::unique_lock lock(mutex_);
    const int dropped = dropped_;
    ++watches_;
    while (!error && !stopping_ && dropped == dropped_) {
      if (from < forgotten_) {
        const SortedJson gone = {{"type", "ERROR"}, {"object", status_of(410, "Expired")}};
        send_chunk(socket, gone.dump() + "\n");
        break;
      }
      bool sent = true;
      for (const Change& change : history_) {
        if (change.version <= from || !change.path.starts_with(path + "/") ||
            !is_selected(change.event["object"], target)) {
          continue;
        }
        sent = sent && send_chunk(socket, change.event.dump() + "\n");
      }
      from = version_;
      if (!sent) break;
      changed_.wait_for(lock, std::chrono::milliseconds(200));
    }
    --watches_;
    return false;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Objects objects_;
  std::vector<std::string> groups_ = {"apps", "batch", "storage.k8s.io", "snapshot.storage.k8s.io",
                                      "authorization.k8s.io"};
  std::function<void(const std::string&, SortedJson&)> admit_;
  std::function<void()> settle_;
  std::deque<Change> history_;
  std::deque<Fault> faults_;
  std::vector<Request> requests_;
  int version_ = 1, forgotten_ = 0, dropped_ = 0;
  std::atomic<int> watches_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace scrim
