#include "dataops/local_workspaces.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/program.h"
#include "dataops/http_probe.h"
#include "dataops/jupyter.h"
#include "dataops/record.h"
#include "dataops/workspace_plan.h"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSettings = "jupyter.json";
constexpr const char* kPlanFile = "workspace.json";  // in the folder of a snapshot

Json record_of_workspace(const WorkspacePlan& plan) {
  return {{"format", "scrim-workspace"}, {"format_version", 1},     {"name", plan.name},
          {"http_port", plan.http_port}, {"plan", plan_json(plan)}, {"created", rfc3339_now()}};
}

bool is_jupyter(const WorkspacePlan& plan) { return plan.command.empty(); }

bool answers(std::uint16_t port) { return http_status_of(port, "/") != 0; }

// The program, where a start from elsewhere finds the same.
std::vector<std::string> found_command(std::vector<std::string> command) {
  if (!command.empty()) command.front() = found_program(command.front());
  return command;
}

}  // namespace

WorkspacePlan LocalWorkspaces::plan_of(const std::string& name) const {
  WorkspacePlan plan = programs_.read_record(name, [](const Json& json) {
    WorkspacePlan read = plan_from(SortedJson(json.at("plan")));
    read.http_port = json.at("http_port").get<std::uint16_t>();
    return read;
  });
  plan.name = name;
  return plan;
}

// Of the workspace whose volume that is, or was.
WorkspacePlan LocalWorkspaces::plan_behind(const Origin& origin) const {
  const bool is_volume = origin.kind == ObjectKind::kVolume;
  const std::string volume = is_volume ? origin.name : volumes_.find_snapshot(origin.name).volume;
  const auto workspace = workspace_of_volume(volume);
  check(workspace.has_value(), "volume '", volume, "' is of no workspace");
  const fs::path noted = folders_.snapshots / origin.name / kPlanFile;
  std::error_code ignored;
  if (is_volume || !fs::exists(noted, ignored)) return plan_of(*workspace);
  try {
    return plan_from(parse_sorted_json(read_file(noted), "the plan of a workspace"));
  } catch (const SortedJson::exception&) {
    fail(ErrorCode::kCorrupt, "the plan of a workspace beside snapshot '", origin.name,
         "' is damaged");
  }
}

fs::path LocalWorkspaces::settings_of(const std::string& name) const {
  return programs_.folder_of(name) / kSettings;
}

std::string LocalWorkspaces::url_of(const WorkspacePlan& plan) const {
  std::string url = "http://localhost:" + std::to_string(plan.http_port) + "/";
  if (!is_jupyter(plan)) return url;
  url += "lab";
  std::error_code ignored;
  if (!fs::exists(settings_of(plan.name), ignored)) return url;
  const std::string token = token_in(read_file(settings_of(plan.name)));
  return token.empty() ? url : url + "?token=" + token;
}

// The other volumes as links in its own, where people look for them.
void LocalWorkspaces::link_mounts(const WorkspacePlan& plan) const {
  const fs::path home = data_of(folders_.volumes / workspace_volume(plan.name));
  for (const Mount& mount : plan.mounts) {
    const fs::path target = volumes_.find(mount.volume).path;
    const fs::path link = home / mount_name(mount);
    std::error_code error;
    const auto there = fs::symlink_status(link, error);
    if (fs::is_symlink(there)) {
      const fs::path there_to = fs::read_symlink(link, error);
      if (there_to == target) continue;
      // Of the workspace that this one was cloned from, and of nobody else.
      check(there_to.string().starts_with(folders_.volumes.string()), "workspace '", plan.name,
            "' has a link of its own at '", mount_name(mount), "', where volume '", mount.volume,
            "' shall be seen");
      fs::remove(link, error);
    } else {
      check(!fs::exists(there), "workspace '", plan.name, "' has files of its own at '",
            mount_name(mount), "', where volume '", mount.volume, "' shall be seen");
    }
    fs::create_symlink(target, link, error);
    if (error) fail_to_write(link, error.value());
  }
}

void LocalWorkspaces::run(const WorkspacePlan& plan) const {
  // Nobody puts other folders in the place of these while the program begins.
  std::vector<ObjectLock> locks;
  std::set<std::string> seen = {workspace_volume(plan.name)};
  for (const Mount& mount : plan.mounts) seen.insert(mount.volume);
  for (const std::string& volume : seen) {
    locks.push_back(volumes_.take({ObjectKind::kVolume, volume}, LockMode::kShared));
  }
  link_mounts(plan);
  const fs::path home = data_of(folders_.volumes / workspace_volume(plan.name));
  const std::vector<std::string> words =
      is_jupyter(plan) ? jupyter_command(settings_of(plan.name).string()) : plan.command;
  const std::string port = std::to_string(plan.http_port);
  programs_.start(plan.name,
                  {.command = found_command(placed(words, port, home.string())),
                   .environment = plan.environment,
                   .folder = home},
                  [&] { return answers(plan.http_port); });
}

Outcome<Workspace> LocalWorkspaces::begin(WorkspacePlan plan, const Outcome<Volume>& own) const {
  plan.http_port = LocalPrograms::port_or_free(plan.http_port);
  const fs::path home = data_of(folders_.volumes / own.object.name);
  if (options_.dry_run) {
    return {{.name = plan.name,
             .volume = own.object.name,
             .url = url_of(plan),
             .mounts = plan.mounts,
             .log = programs_.folder_of(plan.name) / "log"}};
  }
  // Where another run is faster, the volume is that one's.
  programs_.keep(plan.name, record_of_workspace(plan), [&](const fs::path& folder) {
    if (!is_jupyter(plan)) return;
    const JupyterPlace place{.address = "localhost",
                             .port = plan.http_port,
                             .folder = home.string(),
                             .as_root = ::geteuid() == 0};
    write_file_atomically(folder / kSettings, jupyter_settings(place, plan.password));
  });
  try {
    run(plan);
  } catch (const Error&) {
    programs_.remove(plan.name);
    if (own.changed) volumes_.remove(own.object.name, Dependents::kRefuse);
    throw;
  }
  return {find(plan.name)};
}

// One of that name is there already.
Outcome<Workspace> LocalWorkspaces::same(const WorkspacePlan& plan) const {
  const WorkspacePlan there = plan_of(plan.name);
  const bool same_size =
      plan.size == 0 || volumes_.find(workspace_volume(plan.name)).size == plan.size;
  check(plan_json(there) == plan_json(plan) && same_size &&
            (plan.http_port == 0 || plan.http_port == there.http_port),
        "there is a workspace '", plan.name,
        "' already, which was made otherwise: ", plan_json(there).dump());
  const bool has_settings = is_jupyter(there) && !plan.password.empty();
  check(!has_settings || opens(read_file(settings_of(plan.name)), plan.password),
        "there is a workspace '", plan.name, "' already, which another password or a token opens");
  return start(plan.name);
}

Outcome<Workspace> LocalWorkspaces::create(const WorkspacePlan& given) const {
  check_workspace(given);
  WorkspacePlan plan = given;
  plan.command = found_command(plan.command);
  if (is_jupyter(plan)) found_program("jupyter");
  for (const Mount& mount : plan.mounts) volumes_.find(mount.volume);
  if (programs_.is_there(plan.name)) return same(plan);
  return begin(plan, volumes_.create(workspace_volume(plan.name), plan.size, {}));
}

Outcome<Workspace> LocalWorkspaces::clone(const WorkspacePlan& changes,
                                          const Origin& origin) const {
  const WorkspacePlan plan = with_changes(plan_behind(origin), changes);
  check_workspace(plan);
  for (const Mount& mount : plan.mounts) volumes_.find(mount.volume);
  const auto size = plan.size == 0 ? std::nullopt : std::optional(plan.size);
  const Outcome<Volume> own = volumes_.clone(workspace_volume(plan.name), origin, size, {});
  return programs_.is_there(plan.name) ? same(plan) : begin(plan, own);
}

Outcome<Workspace> LocalWorkspaces::start(const std::string& name) const {
  const WorkspacePlan plan = plan_of(name);
  if (programs_.process_of(name)) {
    if (!options_.dry_run) programs_.wait(name, [&] { return answers(plan.http_port); });
    return {find(name), false};
  }
  LocalPrograms::port_or_free(plan.http_port);
  if (!options_.dry_run) run(plan);
  return {find(name)};
}

Outcome<Workspace> LocalWorkspaces::stop(const std::string& name) const {
  plan_of(name);
  if (options_.dry_run) return {find(name)};
  const bool ran = programs_.stop(name);
  return {find(name), ran};
}

void LocalWorkspaces::remove(const std::string& name, Dependents dependents) const {
  // A run that was killed may have left the volume alone.
  const std::string own = workspace_volume(name);
  const bool is_there = programs_.is_there(name);
  const bool has_volume = volumes_.has(own);
  if (!is_there && !has_volume) plan_of(name);
  if (has_volume) {
    volumes_.snapshots_of(own, dependents);
    const std::string itself = "the volume of " + programs_.shown(name);
    volumes_.refuse_kept(own, itself);
    if (options_.dry_run) return;
    if (is_there) programs_.stop(name);
    volumes_.refuse_used({ObjectKind::kVolume, own});  // by what it did not start
  }
  if (options_.dry_run) return;
  if (is_there) programs_.remove(name);
  if (has_volume) volumes_.remove(own, dependents);
}

Workspace LocalWorkspaces::find(const std::string& name) const {
  const WorkspacePlan plan = plan_of(name);
  Workspace workspace{.name = name,
                      .volume = workspace_volume(name),
                      .state = ProgramState::kStopped,
                      .url = url_of(plan),
                      .mounts = plan.mounts,
                      .created = programs_.record(name).value("created", ""),
                      .log = programs_.folder_of(name) / "log"};
  if (const auto process = programs_.process_of(name)) {
    workspace.process = *process;
    workspace.state = answers(plan.http_port) ? ProgramState::kReady : ProgramState::kStarting;
  }
  return workspace;
}

std::vector<Workspace> LocalWorkspaces::all() const {
  std::vector<Workspace> workspaces;
  for (const std::string& name : programs_.names()) {
    workspaces.push_back(find(name));
    std::string& url = workspaces.back().url;
    url.resize(std::min(url.size(), url.find('?')));  // a list is shown around
  }
  return workspaces;
}

bool LocalWorkspaces::sees(const std::string& name, const std::string& volume) const {
  const std::vector<Mount> mounts = plan_of(name).mounts;
  return workspace_volume(name) == volume ||
         std::ranges::find(mounts, volume, &Mount::volume) != mounts.end();
}

std::vector<std::string> LocalWorkspaces::keepers_of(const std::string& volume) const {
  std::vector<std::string> keepers;
  for (const std::string& name : programs_.names()) {
    if (!sees(name, volume)) continue;
    const bool own = workspace_volume(name) == volume;
    keepers.push_back((own ? "the volume of " : "mounted by ") + programs_.shown(name));
  }
  return keepers;
}

std::vector<std::string> LocalWorkspaces::running_over(const std::string& volume) const {
  std::vector<std::string> running = programs_.names();
  std::erase_if(running, [&](const std::string& name) {
    return !programs_.process_of(name) || !sees(name, volume);
  });
  return running;
}

void LocalWorkspaces::rest(const std::string& volume) const {
  for (const std::string& name : running_over(volume)) programs_.rest(name);
}

void LocalWorkspaces::wake(const std::string& volume) const {
  for (const std::string& name : programs_.resting()) {
    if (sees(name, volume)) start(name);
  }
}

void LocalWorkspaces::keep_plan(const std::string& volume, const fs::path& folder) const {
  const auto name = workspace_of_volume(volume);
  if (!name || !programs_.is_there(*name)) return;
  write_file_atomically(folder / kPlanFile, plan_json(plan_of(*name)).dump(2) + "\n");
  fs::permissions(folder / kPlanFile, fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace scrim
