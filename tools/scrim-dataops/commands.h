// One function a command: declares its flags on `app`, returns what to run.
#pragma once

#include "command/command.h"

namespace scrim::cli {

// Every command, in the order of `scrim-dataops help`.
const Program& program();

Action declare_create_volume(CLI::App& app);
Action declare_clone_volume(CLI::App& app);
Action declare_resize_volume(CLI::App& app);
Action declare_delete_volume(CLI::App& app);
Action declare_list_volumes(CLI::App& app);
Action declare_show_volume(CLI::App& app);
Action declare_list_lineage(CLI::App& app);

Action declare_create_snapshot(CLI::App& app);
Action declare_restore_snapshot(CLI::App& app);
Action declare_delete_snapshot(CLI::App& app);
Action declare_delete_snapshots(CLI::App& app);
Action declare_list_snapshots(CLI::App& app);
Action declare_show_snapshot(CLI::App& app);

Action declare_create_server(CLI::App& app);
Action declare_clone_server(CLI::App& app);
Action declare_update_server(CLI::App& app);
Action declare_start_server(CLI::App& app);
Action declare_stop_server(CLI::App& app);
Action declare_delete_server(CLI::App& app);
Action declare_list_servers(CLI::App& app);
Action declare_show_server(CLI::App& app);

Action declare_create_workspace(CLI::App& app);
Action declare_clone_workspace(CLI::App& app);
Action declare_start_workspace(CLI::App& app);
Action declare_stop_workspace(CLI::App& app);
Action declare_delete_workspace(CLI::App& app);
Action declare_list_workspaces(CLI::App& app);
Action declare_show_workspace(CLI::App& app);

Action declare_run_sweep(CLI::App& app);
Action declare_list_runs(CLI::App& app);
Action declare_delete_run(CLI::App& app);

Action declare_create_transfer(CLI::App& app);
Action declare_run_transfer(CLI::App& app);
Action declare_delete_transfer(CLI::App& app);
Action declare_list_transfers(CLI::App& app);
Action declare_show_transfer(CLI::App& app);

Action declare_create_namespace(CLI::App& app);
Action declare_delete_namespace(CLI::App& app);
Action declare_list_namespaces(CLI::App& app);

Action declare_create_root(CLI::App& app);
Action declare_delete_root(CLI::App& app);

Action declare_show_role(CLI::App& app);

}  // namespace scrim::cli
