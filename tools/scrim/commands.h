// One function a verb: declares its flags on `app`, returns what to run.
#pragma once

#include "command/command.h"

namespace scrim::cli {

// Every verb, in the order of `scrim help`.
const Program& program();

Action declare_audit(CLI::App& app);
Action declare_bench(CLI::App& app);
Action declare_completion(CLI::App& app);
Action declare_demo(CLI::App& app);
Action declare_evaluate(CLI::App& app);
Action declare_export(CLI::App& app);
Action declare_generate(CLI::App& app);
Action declare_infer(CLI::App& app);
Action declare_inspect(CLI::App& app);
Action declare_key(CLI::App& app);
Action declare_learn(CLI::App& app);
Action declare_split(CLI::App& app);
Action declare_train_classifier(CLI::App& app);
Action declare_train_detector(CLI::App& app);
Action declare_verify(CLI::App& app);

}  // namespace scrim::cli
