// What the commands need on a cluster.
#include "commands.h"
#include "engine.h"
#include "output.h"

#include <memory>

namespace scrim::cli {

Action declare_show_role(CLI::App& app) {
  struct RoleFlags {
    std::vector<std::string> commands;
    std::string space = "default";
    OutputFlags output;
  };
  const auto flags = std::make_shared<RoleFlags>();
  flags->output.form = "yaml";
  app.add_option("--for", flags->commands, "a command, as \"restore snapshot\"; repeated [all]")
      ->type_name("COMMAND")
      ->allow_extra_args(false);
  app.add_option("--namespace", flags->space, "that the role is for")->type_name("NAME");
  app.add_option("--output", flags->output.form, "yaml or json")->type_name("FORM");
  return [flags](const Session& session) {
    require(flags->output.form == "yaml" || flags->output.form == "json",
            "--output is yaml or json, not '", flags->output.form, "'");
    const std::string roles = cluster_roles(flags->commands, flags->space);
    flags->output.print(session, {}, Json::parse(roles));
    session.log << "Pipe it to 'kubectl apply -f -', and bind both roles to who is to do it.\n";
    return 0;
  };
}

}  // namespace scrim::cli
