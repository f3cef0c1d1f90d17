// scrim split: compares cuts of a network and recommends one.
#include "commands.h"
#include "files.h"
#include "flags.h"
#include "probe.h"

#include <nlohmann/json.hpp>

#include <iomanip>
#include <limits>

namespace scrim::cli {
namespace {

using Json = nlohmann::ordered_json;

struct SplitFlags {
  std::string weights;
  std::vector<std::string> points;
  DatasetFlags dataset;
  ViewFlags views;
  std::optional<double> afford;
  bool json = false;
  ProbeOptions options;
};

struct Table {
  bool classes = false;
  std::vector<Probe> rows;
  std::size_t best = 0;
};

Json to_object(const Probe& row) {
  return {{"split_point", row.cut.split_point},
          {"channels", row.cut.channels},
          {"stride", row.cut.stride},
          {"head_ms", row.cut.head_ms},
          {"tail_ms", row.cut.tail_ms},
          {"alpha", row.alpha},
          {"bits_per_picture", row.bits_per_picture},
          {"score", row.score},
          {"interval", {{"low", row.interval_low}, {"high", row.interval_high}}},
          {"unexplained_variance", row.unexplained},
          {"unexplained_variance_without_noise", row.unexplained_clean}};
}

Json to_object(const Table& table) {
  Json rows = Json::array();
  for (const Probe& row : table.rows) rows.push_back(to_object(row));
  return {{"metric", table.classes ? "accuracy" : "average precision"},
          {"recommended", table.rows[table.best].cut.split_point},
          {"cuts", rows}};
}

void print_row(const Probe& row, std::ostream& out) {
  std::ostringstream interval;
  interval << std::fixed << std::setprecision(3) << row.interval_low << ".." << row.interval_high;
  out << std::left << std::setw(13) << row.cut.split_point << std::setw(10)
      << std::to_string(row.cut.channels) + "/" + std::to_string(row.cut.stride) << std::fixed
      << std::setprecision(1) << std::setw(9) << row.cut.head_ms << std::setw(9) << row.cut.tail_ms
      << std::setprecision(3) << std::setw(8) << row.alpha << std::setprecision(2) << std::setw(9)
      << row.bits_per_picture / 1000 << std::setprecision(3) << std::setw(8) << row.score
      << std::setw(15) << interval.str() << std::setw(9) << row.unexplained << row.unexplained_clean
      << "\n";
}

void print_table(const Table& table, std::ostream& out) {
  out << std::left << std::setw(13) << "cut" << std::setw(10) << "N/stride" << std::setw(9)
      << "head ms" << std::setw(9) << "tail ms" << std::setw(8) << "alpha" << std::setw(9) << "kbit"
      << std::setw(8) << (table.classes ? "acc" : "mAP") << std::setw(15) << "95 %" << std::setw(9)
      << "missed"
      << "missed without noise\n";
  for (const Probe& row : table.rows) print_row(row, out);
  out << "recommended: " << table.rows[table.best].cut.split_point << "\n";
}

void check_flags(const SplitFlags& flags) {
  require(!flags.weights.empty(), "name the weights to cut");
  require(!flags.points.empty(), "--probe is missing; it names the split points to compare");
  check_alpha(flags.options.alpha);
  check_range("--steps", flags.options.steps, 1, 1e6);
  check_threads(flags.options.threads);
  flags.views.check();
  if (flags.afford) check_range("--afford", *flags.afford, 0, 1e6);
}

Table measure(const SplitFlags& flags, const Session& session) {
  check_flags(flags);
  const Dataset dataset = flags.dataset.open();
  Table table{.classes = !dataset.classes().empty(), .rows = {}};
  ProbeOptions options = flags.options;
  options.weights = flags.weights;
  flags.views.apply(dataset, options.scale, options.window);

  const ScratchFolder scratch;
  const std::vector<Cut> cuts = measure_cuts(flags.points, options, dataset);
  const double affordable_ms = flags.afford.value_or(std::numeric_limits<double>::infinity());
  check_affordable(cuts, affordable_ms);
  const ProbePictures pictures = split_dataset(dataset, scratch.path());
  for (const Cut& cut : cuts) {
    const double alpha = alpha_of_equal_bits(cut, cuts.back(), options.alpha);
    table.rows.push_back(probe(cut, alpha, pictures, options, scratch.path(), session));
  }
  table.best = recommended(table.rows, affordable_ms);
  return table;
}

void declare_flags(CLI::App& app, SplitFlags& flags) {
  ProbeOptions& o = flags.options;
  app.add_option("WEIGHTS", flags.weights, "safetensors or TorchScript");
  app.add_option("--probe", flags.points, "the split points to compare")
      ->type_name("NAME,..")
      ->delimiter(',')
      ->allow_extra_args(false);
  flags.dataset.declare(app);
  app.add_option("--alpha", o.alpha, "of the deepest cut; the others send as many bits")
      ->type_name("A");
  app.add_option("--afford", flags.afford, "milliseconds of head that a picture may take")
      ->type_name("MS");
  app.add_option("--steps", o.steps, "of adaptation, and of training under noise, for each cut")
      ->type_name("N");
  flags.views.declare(app);
  app.add_option("--seed", o.seed, "of learning")->type_name("N");
  declare_threads(app, o.threads);
  app.add_flag("--json", flags.json, "print JSON");
}

}  // namespace

Action declare_split(CLI::App& app) {
  const auto flags = make_flags<SplitFlags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) {
    const Table table = measure(*flags, session);
    if (flags->json) {
      session.out << to_object(table).dump(2) << "\n";
    } else {
      print_table(table, session.out);
    }
    return 0;
  };
}

}  // namespace scrim::cli
