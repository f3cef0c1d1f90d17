// Commands on runs: one program over a volume, once for each alpha.
#include "commands.h"
#include "engine.h"
#include "listing.h"
#include "output.h"

#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>

namespace scrim::cli {
namespace {

// Those of the tech report's batch inference.
constexpr const char* kReportAlphas = "0.05,0.1,0.2,0.4,0.6,0.8,0.9,0.95";

struct RunFlags {
  std::string name = "sweep", volume, release, dataset, alphas = "report", key, image;
  std::vector<std::string> more, command, resources;
  bool no_clean = false;
  EngineFlags engine;
  OutputFlags output;
  YesFlag yes;
};

std::vector<std::string> alphas_of(const std::string& text) {
  std::istringstream list(text == "report" ? kReportAlphas : text);
  std::vector<std::string> alphas;
  for (std::string one; std::getline(list, one, ',');) {
    double alpha = 0;
    const auto [end, error] = std::from_chars(one.data(), one.data() + one.size(), alpha);
    require(error == std::errc() && end == one.data() + one.size() && alpha > 0 && alpha < 1,
            "--alphas is report, or numbers above 0 and below 1 with commas, not '", text, "'");
    alphas.push_back(one);
  }
  require(!alphas.empty(), "--alphas is empty");
  return alphas;
}

// A path on this machine, or of the volume where the run is on a cluster, or where it says so.
std::string place_of(const RunFlags& flags, const std::string& path) {
  if (path.find("{data}") != std::string::npos) return path;
  return flags.engine.is_local() ? std::filesystem::absolute(path).string() : "{data}/" + path;
}

std::string data_of(const RunFlags& flags) {
  return flags.dataset.empty() ? "{data}" : "{data}/" + flags.dataset;
}

// `scrim evaluate`, clean where `alpha` is empty.
std::vector<std::string> evaluation(const RunFlags& flags, const std::string& alpha) {
  std::vector<std::string> command = {"scrim",     "evaluate",     place_of(flags, flags.release),
                                      "--dataset", data_of(flags), "--json"};
  if (!alpha.empty()) command.insert(command.end(), {"--noisy", "--alpha", alpha});
  if (!alpha.empty() && !flags.key.empty()) command.insert(command.end(), {"--key", "{key}"});
  command.insert(command.end(), flags.more.begin(), flags.more.end());
  return command;
}

// The words with the alpha in the place of "{alpha}".
std::vector<std::string> own_command(std::vector<std::string> words, const std::string& alpha) {
  constexpr std::string_view kPlace = "{alpha}";
  for (std::string& word : words) {
    const std::size_t at = word.find(kPlace);
    if (at != std::string::npos) word.replace(at, kPlace.size(), alpha);
  }
  return words;
}

std::vector<RunCase> cases_of(const RunFlags& flags) {
  const bool own = !flags.command.empty();
  require(own != !flags.release.empty(), "either --release RELEASE or -- COMMAND.. is run");
  std::vector<RunCase> cases;
  if (!own && !flags.no_clean) cases.push_back({"clean", evaluation(flags, "")});
  for (const std::string& alpha : alphas_of(flags.alphas)) {
    cases.push_back(
        {"alpha-" + alpha, own ? own_command(flags.command, alpha) : evaluation(flags, alpha)});
  }
  return cases;
}

// What a program printed, where that is JSON.
Json printed(const std::filesystem::path& output) {
  std::ifstream file(output);
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json() : json;
}

Json row_of(const RunResult& result) {
  const bool clean = result.name == "clean";
  Json row = {{"case", result.name}, {"obfuscated", clean ? "no" : "yes"}};
  if (!clean) row["alpha"] = result.name.substr(result.name.find('-') + 1);
  row["exit_code"] = result.exit_code;
  row["changed"] = result.changed;
  row["seconds"] = result.seconds;
  row["output"] = result.output.string();
  row["log"] = result.log.string();
  const Json measured = result.exit_code == 0 ? printed(result.output) : Json();
  for (const char* name : {"mean_average_precision", "mean_accuracy"}) {
    if (measured.is_object() && measured.contains(name)) row["accuracy"] = measured.at(name);
  }
  if (measured.is_object() && measured.contains("interval")) row["interval"] = measured["interval"];
  return row;
}

const std::vector<Column> kRunColumns = {{"OBFUSCATED", "obfuscated"}, {"ALPHA", "alpha"},
                                         {"ACCURACY", "accuracy"},     {"LOW", "interval.low"},
                                         {"HIGH", "interval.high"},    {"EXIT", "exit_code"}};

// With four digits behind the point in a table, and whole elsewhere.
Json shortened(Json row) {
  const auto shorten = [](Json& value) {
    char text[32];
    const int size = std::snprintf(text, sizeof(text), "%.4f", value.get<double>());
    value = std::string(text, static_cast<std::size_t>(size));
  };
  if (row.contains("accuracy")) shorten(row["accuracy"]);
  if (row.contains("interval")) {
    for (const char* bound : {"low", "high"}) shorten(row["interval"][bound]);
  }
  return row;
}

int report(const RunFlags& flags, const Session& session, const std::vector<RunResult>& results) {
  const bool only_asks = flags.engine.dry_run || (flags.engine.no_wait && !flags.engine.is_local());
  std::vector<Json> rows;
  int failed = 0;
  for (const RunResult& result : results) {
    const Json row = row_of(result);
    rows.push_back(flags.output.form == "table" ? shortened(row) : row);
    if (result.exit_code == 0) continue;
    ++failed;
    if (!only_asks) {
      session.log << "case " << result.name << " ended with " << result.exit_code << ": see "
                  << result.log.string() << "\n";
    }
  }
  flags.output.print_all(session, kRunColumns, rows);
  return failed == 0 || only_asks ? 0 : kSomeFailed;
}

}  // namespace

Action declare_run_sweep(CLI::App& app) {
  const auto flags = std::make_shared<RunFlags>();
  app.add_option("COMMAND..", flags->command,
                 "after --: a program of your own; {data}, {alpha}, {key} are filled in");
  app.add_option("--name", flags->name, "of the results; the same name goes on")->type_name("NAME");
  app.add_option("--volume", flags->volume, "the pictures")->type_name("VOLUME");
  app.add_option("--release", flags->release, "evaluate this release, clean and at each alpha")
      ->type_name("FOLDER");
  app.add_option("--dataset", flags->dataset, "where in the volume they are [all of it]")
      ->type_name("FOLDER");
  app.add_option("--alphas", flags->alphas, "the tech report's eight, or A,A,..")
      ->type_name("LIST");
  app.add_option("--key", flags->key, "the noise key; else ~/.config/scrim/key")->type_name("FILE");
  app.add_option("--flag", flags->more, "one more flag of the evaluation, as --flag=--strict")
      ->type_name("FLAG")
      ->allow_extra_args(false);
  app.add_option("--image", flags->image, "of a cluster: holds the program; paths are the volume's")
      ->type_name("IMAGE");
  app.add_option("--resource", flags->resources, "of a cluster: as nvidia.com/gpu=2; repeated")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
  app.add_flag("--no-clean", flags->no_clean, "leave the run without noise out");
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    flags->output.check();
    require(!flags->volume.empty(), "--volume is missing: the one that holds the pictures");
    RunPlan plan{flags->name, flags->volume, cases_of(*flags)};
    plan.image = flags->image;
    if (!flags->key.empty()) plan.key = std::filesystem::absolute(flags->key);
    plan.resources = pairs_of("--resource", flags->resources);
    if (!flags->engine.quiet) {
      plan.on_line = [&session](const std::string& name, const std::string& line) {
        session.log << name << "  " << line << "\n";
      };
    }
    return report(*flags, session, flags->engine.open(session)->run(plan));
  };
}

Action declare_list_runs(CLI::App& app) {
  return declare_list(app, kNameColumn, [](DataOps& engine, const std::string& space) {
    std::vector<Json> rows;
    for (const std::string& name : engine.runs()) {
      rows.push_back({{"kind", "run"}, {"name", name}, {"namespace", space}});
    }
    return rows;
  });
}

Action declare_delete_run(CLI::App& app) {
  const auto flags = std::make_shared<RunFlags>();
  app.add_option("NAME", flags->name, "the run");
  flags->yes.declare(app);
  flags->engine.declare(app, /*changes=*/true);
  flags->output.declare(app);
  return [flags](const Session& session) {
    if (!flags->engine.dry_run)
      flags->yes.ask(session, "Delete the results of run '" + flags->name + "'?");
    flags->engine.open(session)->delete_run(flags->name);
    flags->output.print_gone(session, "run", flags->name, flags->engine);
    return 0;
  };
}

}  // namespace scrim::cli
