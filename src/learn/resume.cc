#include "learn/resume.h"

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"

namespace scrim {
namespace {

// Everything that changes the result, and nothing else.
Json identity_of(const LearnOptions& options, const std::string& data_digest,
                 const std::string& subject) {
  return {{"subject", subject},
          {"data", data_digest},
          {"split_point", options.split_point},
          {"alphas", options.alphas},
          {"objective", objective_name(options.objective)},
          {"directions", options.directions},
          {"encoder", options.encoder},
          {"noise_weight", options.noise_weight},
          {"distil", options.distil},
          {"nuisance", options.nuisance},
          {"clip", options.clip},
          {"scale", options.scale},
          {"window", options.window},
          {"views", options.views},
          {"statistics_views", options.statistics_views},
          {"adapt_steps", options.adapt_steps},
          {"tail_steps", options.tail_steps},
          {"epoch_steps", options.epoch_steps},
          {"patience", options.patience},
          {"seed", options.seed},
          {"device", options.device},
          {"threads", options.threads}};
}

}  // namespace

std::filesystem::path open_state(const LearnOptions& options, const std::string& data_digest,
                                 const std::string& subject) {
  const std::filesystem::path folder = options.output.string() + ".state";
  const auto file = folder / "options.json";
  const Json identity = identity_of(options, data_digest, subject);
  if (options.resume && std::filesystem::exists(file)) {
    const Json before = parse_json(read_file(file), "options.json of the state");
    for (const auto& [name, value] : identity.items()) {
      const Json old = before.is_object() && before.contains(name) ? before[name] : Json();
      check(old == value, "cannot resume: ", name, " was ", old.dump(), " and is ", value.dump());
    }
    return folder;
  }
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  std::filesystem::create_directories(folder, error);
  if (error) {
    fail(ErrorCode::kUnavailable, "cannot create the state folder ", folder.string(), ": ",
         error.message());
  }
  try {
    write_file_atomically(file, identity.dump(2));
  } catch (...) {
    std::filesystem::remove_all(folder, error);
    throw;
  }
  return folder;
}

}  // namespace scrim
