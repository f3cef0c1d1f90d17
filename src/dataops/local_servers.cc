#include "dataops/local_servers.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/json.h"
#include "base/program.h"
#include "dataops/http_probe.h"
#include "dataops/names.h"
#include "dataops/object_lock.h"
#include "dataops/record.h"
#include "dataops/staging.h"
#include "dataops/supervisor.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace scrim {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kGraceSeconds = 35;  // a server's own limit for what it has accepted is 30
constexpr std::chrono::milliseconds kProbe{20};

std::string shown_server(const std::string& name) { return "server '" + name + "'"; }

Json record_of_plan(const ServerPlan& plan) {
  return {{"format", "scrim-server-plan"}, {"format_version", 1},     {"name", plan.name},
          {"volume", plan.volume},         {"program", plan.program}, {"flags", plan.flags},
          {"http_port", plan.http_port},   {"created", rfc3339_now()}};
}

std::string address_of(const ServerPlan& plan) {
  return "localhost:" + std::to_string(plan.http_port);
}

std::vector<std::string> command_of(const ServerPlan& plan, const fs::path& models) {
  std::vector<std::string> command = {plan.program,
                                      "--model-repository=" + models.string(),
                                      "--model-control-mode=poll",
                                      "--repository-poll-secs=5",
                                      "--http-port=" + std::to_string(plan.http_port),
                                      "--allow-grpc=false",
                                      "--allow-metrics=false"};
  command.insert(command.end(), plan.flags.begin(), plan.flags.end());
  return command;
}

bool is_ready(std::uint16_t port) { return http_status_of(port, "/v2/health/ready") == 200; }

}  // namespace

fs::path LocalServers::folder_of(const std::string& name) const {
  check_name("server", name);
  return folders_.servers / name;
}

LocalServers::Known LocalServers::known(const std::string& name) const {
  try {
    const Json json =
        parse_json(read_file(record_of(folder_of(name))), "the record of " + shown_server(name));
    return {
        {json.at("name").get<std::string>(), json.at("volume").get<std::string>(),
         json.at("program").get<std::string>(), json.at("flags").get<std::vector<std::string>>(),
         json.at("http_port").get<std::uint16_t>()},
        json.value("created", "")};
  } catch (const Json::exception&) {
    fail(ErrorCode::kCorrupt, "the record of ", shown_server(name), " is damaged");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    fail(ErrorCode::kNotFound, "there is no ", shown_server(name));
  }
}

ServedVolume LocalServers::find(const std::string& name) const {
  const auto [plan, created] = known(name);
  ServedVolume server{.name = name,
                      .volume = plan.volume,
                      .state = ServerState::kStopped,
                      .http = address_of(plan),
                      .created = created,
                      .log = folder_of(name) / "log"};
  if (const auto running = find_supervised(folder_of(name))) {
    server.process = running->program;
    server.state = is_ready(plan.http_port) ? ServerState::kReady : ServerState::kStarting;
  }
  return server;
}

std::vector<std::string> LocalServers::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folders_.servers, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<ServedVolume> LocalServers::all() const {
  std::vector<ServedVolume> servers;
  for (const std::string& name : names()) servers.push_back(find(name));
  return servers;
}

std::vector<std::string> LocalServers::over(const std::string& volume) const {
  std::vector<std::string> servers = names();
  std::erase_if(servers, [&](const std::string& name) { return plan_of(name).volume != volume; });
  return servers;
}

std::vector<std::string> LocalServers::running_over(const std::string& volume) const {
  std::vector<std::string> servers = over(volume);
  std::erase_if(servers,
                [&](const std::string& name) { return !find_supervised(folder_of(name)); });
  return servers;
}

void LocalServers::run(const ServerPlan& plan) const {
  const fs::path folder = folder_of(plan.name);
  start_supervised(folder, command_of(plan, data_of(folders_.volumes / plan.volume)));
  const auto deadline = Clock::now() + options_.timeout;
  for (std::int64_t looks = 0; !is_ready(plan.http_port); ++looks) {
    if (options_.progress) options_.progress({"wait for the server", looks, 0, "", false});
    if (Clock::now() < deadline && !options_.stop.stop_requested()) {
      std::this_thread::sleep_for(kProbe);
      continue;
    }
    stop_supervised(folder, kGraceSeconds);
    const std::string line = last_log_line(folder);
    fail(ErrorCode::kUnavailable, shown_server(plan.name), " is not ready after ",
         static_cast<double>(options_.timeout.count()) / 1000, " s",
         line.empty() ? "" : "; its last line: " + line);
  }
}

Outcome<ServedVolume> LocalServers::create(const ServerPlan& given) const {
  ServerPlan plan = given;
  plan.program = found_program(plan.program);  // a start from elsewhere finds the same
  const fs::path folder = folder_of(plan.name);
  std::error_code ignored;
  if (fs::exists(folder, ignored)) {
    const ServerPlan there = plan_of(plan.name);
    const bool same = there.volume == plan.volume && there.program == plan.program &&
                      there.flags == plan.flags &&
                      (plan.http_port == 0 || plan.http_port == there.http_port);
    check(same, "there is a ", shown_server(plan.name), " already, of volume '", there.volume,
          "' on port ", there.http_port);
    return start(plan.name);
  }
  check(plan.http_port == 0 || is_port_free(plan.http_port), "port ", plan.http_port,
        " is taken by another program");
  if (plan.http_port == 0) plan.http_port = free_port();
  if (options_.dry_run) {
    return {{.name = plan.name,
             .volume = plan.volume,
             .http = address_of(plan),
             .log = folder / "log"}};
  }
  Staging staging(folders_.staging, "create server", {shown_server(plan.name)}, options_.on_step);
  if (::mkdir(staging.object().c_str(), 0777) != 0) fail_to_write(staging.object(), errno);
  write_file_atomically(record_of(staging.object()), record_of_plan(plan).dump(2) + "\n");
  check(staging.appear_at(folder), "another run makes ", shown_server(plan.name));
  try {
    run(plan);
  } catch (const Error&) {
    remove(plan.name);
    throw;
  }
  return {find(plan.name)};
}

Outcome<ServedVolume> LocalServers::start(const std::string& name) const {
  const ServerPlan plan = plan_of(name);
  if (find_supervised(folder_of(name))) return {find(name), false};
  check(is_port_free(plan.http_port), "port ", plan.http_port, " of ", shown_server(name),
        " is taken by another program");
  if (!options_.dry_run) run(plan);
  return {find(name)};
}

Outcome<ServedVolume> LocalServers::stop(const std::string& name) const {
  plan_of(name);
  if (options_.dry_run) return {find(name)};
  const bool ran = stop_supervised(folder_of(name), kGraceSeconds);
  return {find(name), ran};
}

void LocalServers::remove(const std::string& name) const {
  plan_of(name);
  if (options_.dry_run) return;
  stop_supervised(folder_of(name), kGraceSeconds);
  Staging staging(folders_.staging, "delete server", {shown_server(name)}, options_.on_step);
  staging.take_from(folder_of(name));
  staging.remove();
}

std::string_view name(ServerState state) {
  constexpr std::array kNames = {"ready", "starting", "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace scrim
