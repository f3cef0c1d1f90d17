// What a run on a cluster is made of, and what its log says.
#pragma once

#include <scrim/dataops.h>

#include "kube/api.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

inline constexpr const char* kRunLabel = "scrim-dataops/run";     // the run's name
inline constexpr const char* kCasesNote = "scrim-dataops/cases";  // JSON: in the job's order

std::string run_object_name(const std::string& run);
// The snapshot of the files, and the volume of them that the job mounts.
std::string run_files_name(const std::string& run);

// One pod after another, each for one of the cases, which have their index: an Indexed Job. No word
// of a command goes through a shell.
// The key of a plan that has one.
ApiObject secret_for_run(const RunPlan& plan);
ApiObject job_for(const RunPlan& plan, const std::vector<RunCase>& cases);

// The index of the case in a job that was made for that and the same image; nothing otherwise.
std::optional<std::size_t> index_in(const ApiObject& job, const RunPlan& plan, const RunCase& one);

// The end of the job, well or not.
bool job_has_ended(const ApiObject& job);

// Takes the lines of a pod's log apart: what the program said, and then what it printed.
class RunLog {
 public:
  // Returns whether the line is one that the program said.
  bool take(std::string_view line);
  const std::string& said() const { return said_; }
  // Empty when the program was ended before it could print.
  const std::string& printed() const { return printed_; }

 private:
  enum class Part { kSaid, kPrinted, kAfter };
  Part part_ = Part::kSaid;
  std::string said_, printed_;
};

// Of a pod that has ended: 128 + N for signal N, as the node says.
int exit_code_of(const ApiObject& pod);
double seconds_of(const ApiObject& pod);

}  // namespace scrim
