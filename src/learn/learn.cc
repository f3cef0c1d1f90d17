#include <scrim/learn.h>

#include "base/check.h"
#include "base/hash.h"
#include "learn/run.h"

#include <functional>

namespace scrim {
namespace {

using OpenSubject = std::function<std::unique_ptr<Subject>(const std::string& task)>;

// An encoder of an odd number of channels is refused now, and not after adaptation.
void check_encodable(Subject& subject, const LearnOptions& options) {
  const torch::NoGradGuard no_grad;
  const auto view = torch::zeros({1, 3, options.window, options.window});
  Encoder(subject.middle(subject.trunk(view)).size(1), options.seed);
}

LearnResult learn_subject(const LearnOptions& options, const Dataset& train,
                          const std::string& subject_digest, const OpenSubject& open) {
  options.validate();
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  auto task = task_of(train, options.window);
  auto subject = open(task->name());
  const auto classes = subject->classes();
  check(classes.empty() || classes == train.classes(), "the classifier's ", classes.size(),
        " classes are not those of ", train.folder().string(), ", in the same order");
  if (options.encoder) check_encodable(*subject, options);
  return Run(std::move(subject), std::move(task), subject_digest, train, options).learn();
}

}  // namespace

LearnResult learn(const std::filesystem::path& weights, const Dataset& train,
                  const LearnOptions& options) {
  return learn_subject(options, train, sha256_of_file(weights), [&](const std::string& task) {
    return Subject::open(weights, options.split_point, task);
  });
}

LearnResult learn(const std::filesystem::path& head, const std::filesystem::path& tail,
                  const Dataset& train, const LearnOptions& options) {
  return learn_subject(
      options, train, sha256_of_file(head) + sha256_of_file(tail),
      [&](const std::string& task) { return Subject::open_pair(head, tail, task); });
}

}  // namespace scrim
