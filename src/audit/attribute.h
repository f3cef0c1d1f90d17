// The attacker that guesses what the annotation calls a face, as whether a mask is worn (A7).
#pragma once

#include "audit/face_reader.h"
#include "audit/resampling.h"

#include <span>
#include <string>
#include <vector>

namespace scrim {

// The names that can be learned and measured: of enough faces of two cells or more on both sides.
// In alphabetical order; empty where fewer than two are left.
std::vector<std::string> guessable_names(const std::vector<Scene>& lessons,
                                         const std::vector<Scene>& audited);

// Guesses one of several names of a face from the cells below it.
class NameGuesser {
 public:
  // As FaceReader's; names: at least two, as guessable_names gives them.
  NameGuesser(const Decoder& observer, bool shallow, std::vector<std::string> names);

  // Learns from the faces that carry one of the names. Throws as FaceReader does.
  void train(const std::vector<Scene>& lessons, const ReaderTraining& options);

  // Fills attribute, accuracy (balanced, its interval by picture) and accuracy_chance from an
  // observation of each scene under the condition.
  void measure(const std::vector<Scene>& scenes, const std::vector<torch::Tensor>& observed,
               std::size_t condition, AttackRow& row);

 private:
  std::vector<std::string> names_;
  bool shallow_;
  FaceReader reader_;
};

// Answers to one question about faces: what each is, what was guessed, and the picture it is in.
struct Guesses {
  std::vector<int> truth, guess, picture;
};
// The mean over what there is to guess of the share that is guessed right, with its interval by
// picture. Throws kInvalidArgument without guesses, and where the sizes differ.
Measured balanced_accuracy(const Guesses& guesses, const Resampling& options = {});

}  // namespace scrim
