#include "audit/attackers_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace scrim {
namespace {

struct Entry {
  const char* name;
  const char* title;
  const char* short_name;
  const char* what;
};

constexpr std::array kAttackers = {
    Entry{"linear", "linear reconstruction", "linear",
          "Rebuilds each cell's pixels from the 3 x 3 cells around it, by the best linear rule "
          "there is. It needs no training time and no luck, and is the weakest attacker here."},
    Entry{"decoder", "trained decoder", "decoder",
          "A neural network trained on other pictures and their noisy results to rebuild the "
          "picture, and to make faces that a recogniser takes for the same person. It knows the "
          "network and the noise's parameters."},
    Entry{"averaging", "average of several draws", "averaging",
          "The same decoder where one picture was sent several times with independent noise, as "
          "frames of a film are."},
    Entry{
        "optimisation", "search in pictures", "search",
        "Starts from the decoder's picture and changes it step by step until the head makes of it "
        "what was received. It knows the head, the noise's parameters and how smooth pictures "
        "are."},
    Entry{"recogniser", "recogniser alone", "recogniser",
          "The face recogniser on the pictures themselves: what the attackers could reach at "
          "most."},
    Entry{"embedding", "recognition without a picture", "embedding",
          "A network trained to recognise people from the noisy result itself, without rebuilding "
          "anything."},
    Entry{"attribute", "attribute of a person", "attribute",
          "A network trained to guess a property, as whether a mask is worn, from the noisy "
          "result."},
};

constexpr std::array<std::pair<const char*, const char*>, 5> kSeenTexts = {{
    {"release", "as released"},
    {"no_noise", "no noise"},
    {"noise_only", "noise alone"},
    {"shallow", "shallow cut, no noise"},
    {"pictures", "the pictures themselves"},
}};

}  // namespace

AttackerText attacker_text(const std::string& attacker) {
  const auto* found = std::find_if(kAttackers.begin(), kAttackers.end(),
                                   [&](const Entry& entry) { return attacker == entry.name; });
  if (found == kAttackers.end()) return {attacker, attacker, ""};
  return {found->title, found->short_name, found->what};
}

std::string seen_text(Seen seen) { return kSeenTexts.at(static_cast<std::size_t>(seen)).second; }

std::string seen_name(Seen seen) { return kSeenTexts.at(static_cast<std::size_t>(seen)).first; }

}  // namespace scrim
