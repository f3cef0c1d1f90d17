#include "dataops/rclone.h"

#include "dataops/transfer_plan.h"

namespace scrim {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kPartialSuffix = ".scrim-part";  // at most 16 characters
constexpr const char* kNowhere = "/nonexistent";       // of what is only asked for

std::string remote_of(const TransferPlan& plan) {
  return "s3:" + plan.bucket + (plan.prefix.empty() ? "" : "/" + plan.prefix);
}

Words without_stage(Words words) {
  words.push_back(std::string("--exclude=") + kStageFolder + "/**");
  return words;
}

// rclone takes no filters with a single file.
Words without_leftovers(const TransferPlan& plan, Words words) {
  if (plan.object) return words;
  words.push_back(std::string("--exclude=*") + kPartialSuffix);
  return without_stage(std::move(words));
}

Words look_words(const TransferPlan& plan, const std::string& remote) {
  if (!is_download(plan)) return {"lsjson", "--stat", remote};
  return {plan.object ? "copyto" : "copy",
          remote,
          kNowhere,
          "--dry-run",
          "--error-on-no-transfer",
          "--log-level=ERROR"};
}

// A stage gets what the folder has not, and what an earlier run left there whole is not copied
// again. rclone writes into the file of the final name before version 1.63.
Words copy_words(const TransferPlan& plan, const std::string& remote, const RclonePlaces& places) {
  const char* way = plan.object ? "copyto" : plan.sync ? "sync" : "copy";
  if (!is_download(plan)) return without_leftovers(plan, {way, places.files, remote});
  if (places.stage.empty()) return {way, remote, places.files};
  if (plan.object) return {way, remote, places.stage};
  return {"sync", remote, places.stage, "--compare-dest=" + places.files};
}

// `check` compares files of one name, and an object may have another one than its file: a copy that
// would have to be made tells the same.
Words verify_words(const TransferPlan& plan, const std::string& remote,
                   const RclonePlaces& places) {
  const bool down = is_download(plan);
  const std::string& from = down ? remote : places.files;
  const std::string& to = down ? places.files : remote;
  if (plan.object) return {"copyto", from, to, "--checksum", "--dry-run"};
  const Words words = {"check", from, to, "--one-way"};
  return down ? words : without_leftovers(plan, words);
}

enum class Tries { kFew, kMany };

Words with_common(Words words, const RclonePlaces& places, Tries tries) {
  const bool many = tries == Tries::kMany;
  for (const char* word : {"--s3-no-check-bucket", "--use-json-log", "--stats=1s",
                           "--stats-log-level=NOTICE", many ? "--retries=3" : "--retries=1",
                           many ? "--low-level-retries=10" : "--low-level-retries=2"}) {
    words.emplace_back(word);
  }
  if (!places.ca.empty()) words.push_back("--ca-cert=" + places.ca);
  return words;
}

}  // namespace

std::vector<std::string> rclone_command(const TransferPlan& plan, TransferStep step,
                                        const RclonePlaces& places) {
  const std::string remote = remote_of(plan);
  Words words;
  switch (step) {
    case TransferStep::kLook:
      words = look_words(plan, remote);
      break;
    case TransferStep::kCompare:
      words = {"copyto", remote, places.files, "--dry-run"};
      break;
    case TransferStep::kCopy:
      words = copy_words(plan, remote, places);
      break;
    // Nothing is left to copy but what has appeared since: that would not be whole, so none of it.
    case TransferStep::kPrune:
      words =
          without_stage({"sync", remote, places.files, "--ignore-existing", "--max-transfer=1b"});
      break;
    case TransferStep::kVerify:
      words = verify_words(plan, remote, places);
      break;
    case TransferStep::kVerifyBytes:
      words = verify_words(plan, remote, places);
      words.emplace_back("--download");
      if (!places.list.empty()) words.push_back("--files-from-raw=" + places.list);
      break;
  }
  words.insert(words.begin(), "rclone");
  // Who looks at a store that is not there is told so soon.
  return with_common(std::move(words), places,
                     step == TransferStep::kLook ? Tries::kFew : Tries::kMany);
}

std::vector<std::string> rclone_hashes(const TransferPlan& plan, const RclonePlaces& places) {
  return with_common({"rclone", "lsf", remote_of(plan), "--recursive", "--files-only",
                      "--format=hp", "--hash=MD5"},
                     places, Tries::kMany);
}

Environment rclone_environment(const S3Store& store) {
  const bool own = !store.endpoint.empty();
  return {{"RCLONE_CONFIG", "/dev/null"},
          {"RCLONE_CONFIG_S3_TYPE", "s3"},
          {"RCLONE_CONFIG_S3_PROVIDER", own ? "Other" : "AWS"},
          {"RCLONE_CONFIG_S3_ENDPOINT", store.endpoint},
          {"RCLONE_CONFIG_S3_REGION", store.region},
          {"RCLONE_CONFIG_S3_FORCE_PATH_STYLE", own ? "true" : "false"},
          {"RCLONE_PARTIAL_SUFFIX", kPartialSuffix},
          {"AWS_CA_BUNDLE", ""}};  // rclone 1.60 ends at once where that is set
}

}  // namespace scrim
