#include "dataops/transfer_plan.h"

#include "base/check.h"
#include "dataops/names.h"
#include "transfer/server_url.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace scrim {
namespace {

constexpr std::size_t kLeastOfBucket = 3, kMostOfBucket = 63, kMostOfKey = 1024;
constexpr std::size_t kMostOfCa = std::size_t{1} << 16;
constexpr std::chrono::minutes kLongestInterval = std::chrono::hours(24 * 31);

// As S3 has it. What is none could be an option or a path for others.
void check_bucket(const std::string& bucket) {
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool good =
      bucket.size() >= kLeastOfBucket && bucket.size() <= kMostOfBucket &&
      is_alnum(bucket.front()) && is_alnum(bucket.back()) &&
      std::ranges::all_of(bucket, [&](char c) { return is_alnum(c) || c == '-' || c == '.'; });
  check(good, "bucket ", quoted(bucket), " is none: ", kLeastOfBucket, " to ", kMostOfBucket,
        " lower case letters, digits, '-' and '.', with a letter or digit at both ends");
}

void check_parts(const char* what, const std::string& path, std::size_t most) {
  check(path.size() <= most, what, " ", quoted(path), " has ", path.size(), " characters, at most ",
        most, " are allowed");
  for (std::size_t start = 0; !path.empty() && start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string part = path.substr(start, end - start);
    const bool good = !part.empty() && part != "." && part != ".." && part != ".scrim-transfer" &&
                      std::ranges::none_of(part, is_control);
    check(good, what, " ", quoted(path), " has the part ", quoted(part), ", which is no name");
    start = end + 1;
  }
}

void check_store(const S3Store& store) {
  const bool is_url =
      store.endpoint.starts_with("http://") || store.endpoint.starts_with("https://");
  check(store.endpoint.empty() ||
            (is_url && store.endpoint.find_first_of("@? \n\r\t") == std::string::npos),
        "endpoint ", quoted(store.endpoint), " is no http or https URL");
  if (!store.endpoint.empty()) parse_server_url(store.endpoint);
  check(std::ranges::none_of(store.region, is_control), "region ", quoted(store.region),
        " is none");
  if (store.secret.empty()) {
    check(!store.access_key.empty() && !store.secret_key.empty(),
          "an access key and a secret key are needed");
  } else {
    check_name("secret", store.secret);
    check(store.access_key.empty() && store.secret_key.empty(), "secret '", store.secret,
          "' and keys exclude each other");
  }
  const bool whole = std::ranges::none_of(store.access_key + store.secret_key, is_control);
  check(whole, "a key has a control character");
  check(store.ca.size() <= kMostOfCa, "the certificates to trust have ", store.ca.size(),
        " bytes, at most ", kMostOfCa, " are allowed");
  check(store.ca.empty() || store.ca.find("-----BEGIN CERTIFICATE-----") != std::string::npos,
        "the certificates to trust are none: PEM is wanted");
}

std::string without_slashes(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The path with a name where it has none: that of `other`.
std::string file_path(const std::string& path, const std::string& other) {
  if (path.empty() || path.ends_with('/')) return path + last_part(other);
  return path;
}

}  // namespace

TransferPlan checked_transfer(TransferPlan plan) {
  if (plan.object) {
    const bool down = is_download(plan);
    const std::string& given = down ? plan.prefix : plan.folder;
    check(!given.empty() && !given.ends_with('/'), "one object needs ",
          down ? "its key behind the bucket" : "its file behind the volume");
    (down ? plan.folder : plan.prefix) = file_path(down ? plan.folder : plan.prefix, given);
    check(!plan.sync, "one object and sync exclude each other");
  }
  plan.folder = without_slashes(std::move(plan.folder));
  plan.prefix = without_slashes(std::move(plan.prefix));
  check_name("transfer", plan.name);
  check_name("volume", plan.volume);
  check_bucket(plan.bucket);
  check_parts("folder", plan.folder, kMostOfKey);
  check_parts(plan.object ? "key" : "prefix", plan.prefix, kMostOfKey);
  check_store(plan.store);
  check_resources(plan.resources);
  if (!plan.every.empty()) interval_of(plan.every);
  return plan;
}

std::string transfer_words(const std::string& name) { return "transfer '" + name + "'"; }

std::string store_place_of(const TransferPlan& plan) {
  return "s3://" + plan.bucket + (plan.prefix.empty() ? "" : "/" + plan.prefix);
}

std::string volume_place_of(const TransferPlan& plan) {
  return plan.volume + (plan.folder.empty() ? "" : "/" + plan.folder);
}

SortedJson plan_json(const TransferPlan& plan) {
  return {{"volume", plan.volume},
          {"folder", plan.folder},
          {"bucket", plan.bucket},
          {"prefix", plan.prefix},
          {"direction", is_download(plan) ? "download" : "upload"},
          {"object", plan.object},
          {"sync", plan.sync},
          {"verify", plan.verify},
          {"every", plan.every},
          {"endpoint", plan.store.endpoint},
          {"region", plan.store.region},
          {"ca", plan.store.ca},
          {"secret", plan.store.secret},
          {"image", plan.image},
          {"resources", plan.resources}};
}

TransferPlan transfer_plan_from(const SortedJson& json) {
  const auto text = [&](const char* field) { return json.at(field).get<std::string>(); };
  const auto flag = [&](const char* field) { return json.at(field).get<bool>(); };
  TransferPlan plan;
  plan.volume = text("volume");
  plan.folder = text("folder");
  plan.bucket = text("bucket");
  plan.prefix = text("prefix");
  plan.direction =
      text("direction") == "upload" ? TransferDirection::kUpload : TransferDirection::kDownload;
  plan.object = flag("object");
  plan.sync = flag("sync");
  plan.verify = flag("verify");
  plan.every = text("every");
  plan.store.endpoint = text("endpoint");
  plan.store.region = text("region");
  plan.store.ca = text("ca");
  plan.store.secret = text("secret");
  plan.image = text("image");
  plan.resources = json.at("resources").get<Labels>();
  return plan;
}

void check_same_transfer(const TransferPlan& there, const TransferPlan& wanted) {
  const bool same = there.volume == wanted.volume && there.folder == wanted.folder &&
                    there.bucket == wanted.bucket && there.prefix == wanted.prefix &&
                    there.direction == wanted.direction && there.object == wanted.object &&
                    there.sync == wanted.sync && there.every == wanted.every;
  const Transfer known = transfer_of(there);
  check(same, "there is a ", transfer_words(wanted.name), " already, from ", known.from, " to ",
        known.to, (there.every.empty() ? "" : " every " + there.every),
        (there.sync == wanted.sync ? ""
         : there.sync              ? ", with sync"
                                   : ", without sync"));
}

Transfer transfer_of(const TransferPlan& plan) {
  Transfer transfer{.name = plan.name, .volume = plan.volume, .from = {}, .to = {}};
  transfer.every = plan.every;
  transfer.from = is_download(plan) ? store_place_of(plan) : volume_place_of(plan);
  transfer.to = is_download(plan) ? volume_place_of(plan) : store_place_of(plan);
  return transfer;
}

std::chrono::minutes interval_of(const std::string& every) {
  long count = 0;
  const auto [end, error] = std::from_chars(every.data(), every.data() + every.size(), count);
  const std::string unit(end, every.data() + every.size());
  const long minutes = unit == "m" ? 1 : unit == "h" ? 60 : unit == "d" ? 24 * 60 : 0;
  const bool good = error == std::errc() && minutes > 0 && count > 0 &&
                    count <= kLongestInterval.count() / minutes;
  check(good, "every ", quoted(every), " is none: minutes, hours or days, as in 30m, 1h or 1d, at ",
        "most 31d");
  return std::chrono::minutes(count * minutes);
}

std::string cron_of(const std::string& every) {
  constexpr long kHour = 60, kDay = 24 * kHour;
  const long minutes = interval_of(every).count();
  if (minutes < kHour && kHour % minutes == 0) return sentence("*/", minutes, " * * * *");
  if (minutes % kHour == 0 && minutes < kDay && kDay % minutes == 0) {
    return sentence("0 */", minutes / kHour, " * * *");
  }
  check(minutes == kDay, "every ", quoted(every), " is none that a CronJob can keep: what divides ",
        "an hour or a day evenly, as in 15m, 1h, 6h or 1d");
  return "0 0 * * *";
}

std::string_view name(TransferState state) {
  constexpr std::array kNames = {"running", "done", "failed", "scheduled"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace scrim
