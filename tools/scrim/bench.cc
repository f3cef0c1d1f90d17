// scrim bench: our times beside those of libtorch in the same run.
#include "commands.h"
#include "flags.h"

#include <scrim/evaluate.h>

#include <iomanip>

namespace scrim::cli {
namespace {

struct BenchFlags {
  std::string weights;
  bool json = false;
};

void print(const Bench& result, std::ostream& out) {
  out << std::left << std::setw(34) << "what" << std::right << std::setw(11) << "ours, ms"
      << std::setw(11) << "peer, ms" << std::setw(9) << "ratio" << std::setw(11) << "limit, ms"
      << "  peer\n"
      << std::fixed;
  for (const BenchRow& row : result.rows) {
    out << std::left << std::setw(34) << row.name << std::right << std::setprecision(3)
        << std::setw(11) << row.milliseconds << std::setw(11) << row.peer_milliseconds
        << std::setprecision(2) << std::setw(9)
        << (row.milliseconds > 0 ? row.peer_milliseconds / row.milliseconds : 0)
        << std::setprecision(3) << std::setw(11);
    if (row.limit_milliseconds > 0) {
      out << row.limit_milliseconds;
    } else {
      out << "-";
    }
    out << "  " << row.peer << "\n";
  }
  out << std::setprecision(2) << "noise: " << result.speedup_over_libtorch
      << " times as fast as libtorch on one core\n";
}

}  // namespace

Action declare_bench(CLI::App& app) {
  const auto flags = make_flags<BenchFlags>();
  app.add_option("--weights", flags->weights, "time this network's head and tail too")
      ->type_name("FILE");
  app.add_flag("--json", flags->json, "print JSON");
  return [flags](const Session& session) {
    const Bench result = bench(flags->weights, session.progress);
    if (flags->json) {
      session.out << to_json(result) << "\n";
    } else {
      print(result, session.out);
    }
    return 0;
  };
}

}  // namespace scrim::cli
