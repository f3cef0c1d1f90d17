#include "dataops/local_servers.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/program.h"
#include "dataops/http_probe.h"
#include "dataops/record.h"

#include <algorithm>

namespace scrim {
namespace fs = std::filesystem;
namespace {

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

ServerPlan LocalServers::plan_of(const std::string& name) const {
  return programs_.read_record(name, [](const Json& json) -> ServerPlan {
    return {json.at("name").get<std::string>(), json.at("volume").get<std::string>(),
            json.at("program").get<std::string>(), json.at("flags").get<std::vector<std::string>>(),
            json.at("http_port").get<std::uint16_t>()};
  });
}

ServedVolume LocalServers::find(const std::string& name) const {
  const ServerPlan plan = plan_of(name);
  ServedVolume server{.name = name,
                      .volume = plan.volume,
                      .state = ProgramState::kStopped,
                      .http = address_of(plan),
                      .created = programs_.record(name).value("created", ""),
                      .log = programs_.folder_of(name) / "log"};
  if (const auto process = programs_.process_of(name)) {
    server.process = *process;
    server.state = is_ready(plan.http_port) ? ProgramState::kReady : ProgramState::kStarting;
  }
  return server;
}

std::vector<ServedVolume> LocalServers::all() const {
  std::vector<ServedVolume> servers;
  for (const std::string& name : programs_.names()) servers.push_back(find(name));
  return servers;
}

std::vector<std::string> LocalServers::over(const std::string& volume) const {
  std::vector<std::string> servers = programs_.names();
  std::erase_if(servers, [&](const std::string& name) { return plan_of(name).volume != volume; });
  return servers;
}

std::vector<std::string> LocalServers::running_over(const std::string& volume) const {
  std::vector<std::string> servers = over(volume);
  std::erase_if(servers, [&](const std::string& name) { return !programs_.process_of(name); });
  return servers;
}

void LocalServers::rest(const std::string& volume) const {
  for (const std::string& name : running_over(volume)) programs_.rest(name);
}

void LocalServers::wake(const std::string& volume) const {
  for (const std::string& name : programs_.resting()) {
    if (plan_of(name).volume == volume) start(name);
  }
}

void LocalServers::run(const ServerPlan& plan) const {
  programs_.start(plan.name, {command_of(plan, data_of(folders_.volumes / plan.volume))},
                  [&] { return is_ready(plan.http_port); });
}

Outcome<ServedVolume> LocalServers::create(const ServerPlan& given) const {
  ServerPlan plan = given;
  plan.program = found_program(plan.program);  // a start from elsewhere finds the same
  if (programs_.is_there(plan.name)) {
    const ServerPlan there = plan_of(plan.name);
    const bool same = there.volume == plan.volume && there.program == plan.program &&
                      there.flags == plan.flags &&
                      (plan.http_port == 0 || plan.http_port == there.http_port);
    check(same, "there is a ", programs_.shown(plan.name), " already, of volume '", there.volume,
          "' on port ", there.http_port);
    return start(plan.name);
  }
  plan.http_port = LocalPrograms::port_or_free(plan.http_port);
  if (options_.dry_run) {
    return {{.name = plan.name,
             .volume = plan.volume,
             .http = address_of(plan),
             .log = programs_.folder_of(plan.name) / "log"}};
  }
  programs_.keep(plan.name, record_of_plan(plan));
  try {
    run(plan);
  } catch (const Error&) {
    programs_.remove(plan.name);
    throw;
  }
  return {find(plan.name)};
}

void LocalServers::serve(const std::string& name, const std::string& volume) const {
  Json record = programs_.record(name);
  record["volume"] = volume;
  programs_.rewrite(name, record);
  programs_.stop(name);
  run(plan_of(name));
}

Outcome<ServedVolume> LocalServers::update(const std::string& name,
                                           const std::string& volume) const {
  const std::string before = plan_of(name).volume;
  if (before == volume) return start(name);
  if (options_.dry_run) return {find(name)};
  try {
    serve(name, volume);
  } catch (const Error& error) {
    serve(name, before);
    throw Error(error.code(), sentence(error.what(), "; it serves volume '", before, "' again"));
  }
  return {find(name)};
}

Outcome<ServedVolume> LocalServers::start(const std::string& name) const {
  const ServerPlan plan = plan_of(name);
  if (programs_.process_of(name)) {
    if (!options_.dry_run) programs_.wait(name, [&] { return is_ready(plan.http_port); });
    return {find(name), false};
  }
  LocalPrograms::port_or_free(plan.http_port);
  if (!options_.dry_run) run(plan);
  return {find(name)};
}

Outcome<ServedVolume> LocalServers::stop(const std::string& name) const {
  plan_of(name);
  if (options_.dry_run) return {find(name)};
  const bool ran = programs_.stop(name);
  return {find(name), ran};
}

void LocalServers::remove(const std::string& name) const {
  plan_of(name);
  if (!options_.dry_run) programs_.remove(name);
}

}  // namespace scrim
