#include "toolkit.h"

#include "toolkit_s3.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace scrim::cli {
namespace {

// A flag: how the toolkit spells it, and what stands in its place. A place that ends with a space
// is followed by the value; "" is the value alone.
struct Flag {
  std::string_view brief, full, ours;
  std::string_view prefix = "";  // of the value
};

struct Translation {
  std::string_view verb, noun, ours;
  std::span<const Flag> flags;
  std::string_view meant = "";  // a flag that the toolkit has not, but always means
};

constexpr Flag kCreateVolume[] = {
    {"-p", "--pvc-name", ""}, {"-s", "--size", "--size "}, {"-c", "--storage-class", "--class "}};
constexpr Flag kCloneVolume[] = {{"-p", "--new-pvc-name", ""},
                                 {"-v", "--source-pvc-name", "--from ", "volume/"},
                                 {"-s", "--source-snapshot-name", "--from ", "snapshot/"},
                                 {"-c", "--volume-snapshot-class", "--snapshot-class "}};
constexpr Flag kDeleteVolume[] = {{"-p", "--pvc-name", ""},
                                  {"-f", "--force", "--yes"},
                                  {"-s", "--preserve-snapshots", "--keep-snapshots"}};
constexpr Flag kCreateSnapshot[] = {{"-p", "--pvc-name", "--of "},
                                    {"-s", "--snapshot-name", ""},
                                    {"-c", "--volume-snapshot-class", "--snapshot-class "}};
constexpr Flag kOneSnapshot[] = {{"-s", "--snapshot-name", ""}, {"-f", "--force", "--yes"}};
constexpr Flag kListSnapshots[] = {{"-p", "--pvc-name", "--of "}};
constexpr Flag kCreateServer[] = {{"-s", "--server-name", ""},
                                  {"-v", "--model-repo-pvc-name", "--model-repository "},
                                  {"-i", "--image", "--image "},
                                  {"-g", "--nvidia-gpu", "--resource ", "nvidia.com/gpu="},
                                  {"-m", "--memory", "--resource ", "memory="},
                                  {"-p", "--cpu", "--resource ", "cpu="},
                                  {"-r", "--allocate-resource", "--resource "},
                                  {"-b", "--load-balancer", "--service=LoadBalancer"}};
constexpr Flag kOneServer[] = {{"-s", "--server-name", ""}, {"-f", "--force", "--yes"}};
constexpr Flag kNamespace = {"-n", "--namespace", "--namespace "};

constexpr Translation kTranslations[] = {
    {"create", "volume", "create volume", kCreateVolume, "--access-mode=ReadWriteMany"},
    {"clone", "volume", "clone volume", kCloneVolume},
    {"delete", "volume", "delete volume", kDeleteVolume},
    {"list", "volumes", "list volumes", {}},
    {"create", "volume-snapshot", "create snapshot", kCreateSnapshot},
    {"delete", "volume-snapshot", "delete snapshot", kOneSnapshot},
    {"restore", "volume-snapshot", "restore snapshot", kOneSnapshot},
    {"list", "volume-snapshots", "list snapshots", kListSnapshots},
    {"create", "triton-server", "create server", kCreateServer},
    {"delete", "triton-server", "delete server", kOneServer},
    {"list", "triton-servers", "list servers", {}},
};

std::string_view verb_of(std::string_view word) {
  if (word == "del" || word == "rm") return "delete";
  return word == "ls" ? "list" : word;
}

std::string_view noun_of(std::string_view word) {
  for (const std::string_view known : {"vol", "pvc", "persistentvolumeclaim"}) {
    if (word == known) return "volume";
    if (word == std::string(known) + "s") return "volumes";
  }
  if (word == "triton") return "triton-server";
  return word;
}

const Flag* find(std::span<const Flag> flags, std::string_view name) {
  for (const Flag& flag : flags) {
    if (name == flag.brief || name == flag.full) return &flag;
  }
  return name == kNamespace.brief || name == kNamespace.full ? &kNamespace : nullptr;
}

// Appends the words that stand for the flag at `at`, and moves on by those that it took.
void translate(const std::vector<std::string>& words, std::size_t& at, const Flag& flag,
               std::vector<std::string>& ours) {
  const std::string& word = words[at++];
  const bool takes_value = flag.ours.empty() || flag.ours.ends_with(' ');
  if (!takes_value) {
    ours.emplace_back(flag.ours);
    return;
  }
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
  if (!flag.ours.empty()) ours.emplace_back(flag.ours.substr(0, flag.ours.size() - 1));
  if (equals != std::string::npos) {
    ours.push_back(std::string(flag.prefix) + word.substr(equals + 1));
  } else if (at < words.size()) {
    ours.push_back(std::string(flag.prefix) + words[at++]);
  }
}

}  // namespace

std::vector<std::string> from_toolkit(const std::vector<std::string>& words) {
  if (auto ours = from_toolkit_s3(words)) return std::move(*ours);
  if (words.size() < 2) return words;
  const std::string_view verb = verb_of(words[0]), noun = noun_of(words[1]);
  const auto* known = std::ranges::find_if(
      kTranslations, [&](const Translation& one) { return one.verb == verb && one.noun == noun; });
  if (known == std::end(kTranslations)) return words;
  const std::size_t space = known->ours.find(' ');
  std::vector<std::string> ours = {std::string(known->ours.substr(0, space)),
                                   std::string(known->ours.substr(space + 1))};
  for (std::size_t at = 2; at < words.size();) {
    const std::string name = words[at].substr(0, words[at].find('='));
    if (const Flag* flag = find(known->flags, name)) {
      translate(words, at, *flag, ours);
    } else {
      ours.push_back(words[at++]);
    }
  }
  const bool is_toolkits = std::ranges::any_of(words, [&](const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    return !known->flags.empty() && (name == known->flags[0].brief || name == known->flags[0].full);
  });
  if (is_toolkits && !known->meant.empty()) ours.emplace_back(known->meant);
  return ours;
}

}  // namespace scrim::cli
