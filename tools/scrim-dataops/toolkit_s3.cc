#include "toolkit_s3.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string_view>

namespace scrim::cli {
namespace {

// What a flag of the toolkit is about; some say it twice.
struct S3Flag {
  std::string_view brief, full, about;
  bool takes_value = true;
};

constexpr std::array kS3Flags = {S3Flag{"-c", "--credentials-secret", "secret"},
                                 S3Flag{"-o", "--s3-host", "host"},
                                 S3Flag{"-t", "--s3-port", "port"},
                                 S3Flag{"-b", "--bucket-name", "bucket"},
                                 S3Flag{"-p", "--pvc-name", "volume"},
                                 S3Flag{"-d", "--pvc-dir", "folder"},
                                 S3Flag{"-k", "--object-key", "key"},
                                 S3Flag{"-f", "--file-location", "folder"},
                                 S3Flag{"-i", "--image-name", "image"},
                                 S3Flag{"-n", "--namespace", "namespace"},
                                 S3Flag{"", "--cpu-request", "cpu"},
                                 S3Flag{"", "--cpu-limit", "cpu"},
                                 S3Flag{"", "--memory-request", "memory"},
                                 S3Flag{"", "--memory-limit", "memory"},
                                 S3Flag{"-u", "--use-https", "https", false},
                                 S3Flag{"-v", "--verify-certificates", "", false}};

const S3Flag* s3_flag(const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  for (const S3Flag& flag : kS3Flags) {
    if (name == flag.full || (!flag.brief.empty() && name == flag.brief)) return &flag;
  }
  return nullptr;
}

struct S3Line {
  std::map<std::string_view, std::string> values;
  std::vector<std::string> others;  // which are ours
};

S3Line read_line(const std::vector<std::string>& words, std::size_t at) {
  S3Line line;
  while (at < words.size()) {
    const std::string& word = words[at++];
    const S3Flag* flag = s3_flag(word);
    const std::size_t equals = word.find('=');
    if (flag == nullptr) {
      line.others.push_back(word);
    } else if (!flag->takes_value) {
      line.values[flag->about] = "yes";
    } else if (equals != std::string::npos) {
      line.values[flag->about] = word.substr(equals + 1);
    } else if (at < words.size()) {
      line.values[flag->about] = words[at++];
    }
  }
  return line;
}

// Of the words, so that the same line means the same transfer (FNV-1a).
std::string hash_of(const std::vector<std::string>& words) {
  std::uint32_t hash = 2'166'136'261U;
  for (const std::string& word : words) {
    for (const char c : word + '\n') hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", hash);
  return text.data();
}

std::vector<std::string> transfer_words_of(const std::vector<std::string>& words, std::size_t at,
                                           const std::string& verb, const std::string& noun) {
  S3Line line = read_line(words, at);
  auto& values = line.values;
  const bool object = noun == "object";
  std::string store = "s3://" + values["bucket"];
  if (object) store += "/" + values["key"];
  std::string volume = values["volume"];
  if (!values["folder"].empty()) volume += "/" + values["folder"];
  const bool down = verb == "get";
  std::string endpoint = (values["https"].empty() ? "http://" : "https://") + values["host"];
  if (!values["port"].empty()) endpoint += ":" + values["port"];
  std::vector<std::string> ours = {"create", "transfer", verb + "-" + noun + "-" + hash_of(words)};
  // What is missing is not made up: the command says so.
  if (!values["volume"].empty()) ours.push_back((down ? "--to=" : "--from=") + volume);
  if (!values["bucket"].empty()) ours.push_back((down ? "--from=" : "--to=") + store);
  if (!values["host"].empty()) ours.push_back("--endpoint=" + endpoint);
  if (object) ours.emplace_back("--object");
  for (const std::string_view plain : {"secret", "image", "namespace"}) {
    if (!values[plain].empty()) ours.push_back("--" + std::string(plain) + "=" + values[plain]);
  }
  for (const std::string_view resource : {"cpu", "memory"}) {
    if (values[resource].empty()) continue;
    ours.push_back("--resource=" + std::string(resource) + "=" + values[resource]);
  }
  ours.insert(ours.end(), line.others.begin(), line.others.end());
  return ours;
}

// `show s3-job -j NAME`, which never asks.
std::vector<std::string> job_words_of(const std::vector<std::string>& words) {
  std::vector<std::string> ours = {words[0], "transfer"};
  for (std::size_t at = 2; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "-j" || word == "--job") continue;  // its value is the name
    const bool joined = word.starts_with("--job=");
    ours.push_back(joined ? word.substr(word.find('=') + 1) : word == "-n" ? "--namespace" : word);
  }
  if (words[0] == "delete") ours.emplace_back("--yes");
  return ours;
}

}  // namespace

std::optional<std::vector<std::string>> from_toolkit_s3(const std::vector<std::string>& words) {
  for (const std::string verb : {"get", "put"}) {
    for (const std::string noun : {"bucket", "object"}) {
      const std::string prefix = verb + "-s3";
      std::string together = prefix;
      together.append("-").append(noun);
      if (!words.empty() && words[0] == together) return transfer_words_of(words, 1, verb, noun);
      if (words.size() > 1 && words[0] == prefix && words[1] == noun) {
        return transfer_words_of(words, 2, verb, noun);
      }
    }
  }
  const bool is_job = words.size() > 1 && words[1] == "s3-job";
  if (is_job && (words[0] == "show" || words[0] == "delete")) return job_words_of(words);
  return std::nullopt;
}

}  // namespace scrim::cli
