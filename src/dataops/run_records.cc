#include "dataops/run_records.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"

namespace scrim {

RunResult RunRecords::earlier(const RunCase& one) const {
  RunResult result{
      one.name, kNotRun, 0, false, folder_ / (one.name + ".out"), folder_ / (one.name + ".log")};
  try {
    const Json json = parse_json(read_file(folder_ / (one.name + ".json")), "a result");
    if (json.at("command").get<std::vector<std::string>>() != one.command) return result;
    result.exit_code = json.at("exit_code").get<int>();
    result.seconds = json.at("seconds").get<double>();
  } catch (const std::exception&) {  // there is none
  }
  return result;
}

std::vector<RunResult> RunRecords::earlier(const std::vector<RunCase>& cases) const {
  std::vector<RunResult> results;
  for (const RunCase& one : cases) results.push_back(earlier(one));
  return results;
}

void RunRecords::write(const RunCase& one, const RunResult& result) const {
  const Json json = {{"command", one.command},
                     {"exit_code", result.exit_code},
                     {"seconds", result.seconds},
                     {"ended", rfc3339_now()}};
  write_file_atomically(folder_ / (one.name + ".json"), json.dump(2) + "\n");
}

}  // namespace scrim
