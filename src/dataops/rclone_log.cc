#include "dataops/rclone_log.h"

#include "base/check.h"
#include "base/json.h"
#include "dataops/names.h"
#include "dataops/transfer_plan.h"

#include <array>
#include <cstdlib>

namespace scrim {
namespace {

constexpr int kNoDirectory = 3, kNoTransfer = 9, kLimitReached = 8, kSignals = 128;
constexpr std::size_t kMostOfErrors = std::size_t{1} << 16;

// What stores call a refusal, and what the way there is called when it is cut.
constexpr std::array kRefusals = {"SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied",
                                  "ExpiredToken",          "InvalidToken",       "Forbidden",
                                  "status code: 403",      "StatusCode: 403"};
constexpr std::array kFull = {"no space left on device", "file too big for remaining disk space",
                              "disk quota exceeded"};
constexpr std::array kUntrusted = {"x509:", "certificate"};
constexpr std::array kUnreached = {"connection refused",
                                   "no such host",
                                   "connection reset",
                                   "unexpected EOF",
                                   "EOF",
                                   "timeout",
                                   "broken pipe",
                                   "network is unreachable"};

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  constexpr std::size_t kMost = 200;
  return line.size() <= kMost ? line : line.substr(0, kMost) + "...";
}

// "2026/12/01 18:36:03 Failed to copy: ...", which rclone says last and not as JSON.
std::string without_date(std::string_view line) {
  constexpr std::size_t kDate = 20;
  const bool dated = line.size() > kDate && line[4] == '/' && line[kDate - 1] == ' ';
  return std::string(dated ? line.substr(kDate) : line);
}

std::uint64_t number_in(const SortedJson& stats, const char* field) {
  const auto found = stats.find(field);
  return found != stats.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string text_in(const SortedJson& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

template <std::size_t N>
std::string found_in(const std::string& text, const std::array<const char*, N>& words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) return word;
  }
  return "";
}

}  // namespace

bool RcloneLog::take(std::string_view text) {
  if (text.empty()) return false;
  const SortedJson line = SortedJson::parse(text, nullptr, /*allow_exceptions=*/false);
  if (line.is_discarded() || !line.is_object()) {
    if (text.find("Failed to ") != std::string::npos) take_error(without_date(text), "");
    return false;
  }
  const std::string message = text_in(line, "msg"), level = text_in(line, "level");
  if (level == "error" || level == "critical") take_error(message, text_in(line, "object"));
  if (text_in(line, "skipped") == "copy" && ++differences_ == 1) {
    first_difference_ = text_in(line, "object");
  }
  if (message.find("hashes could not be checked") != std::string::npos) {
    without_hash_ = std::strtoull(message.c_str(), nullptr, 10);
  }
  const auto stats = line.find("stats");
  if (stats == line.end() || !stats->is_object()) return false;
  bytes_ = number_in(*stats, "bytes");
  total_bytes_ = number_in(*stats, "totalBytes");
  files_ = number_in(*stats, "transfers");
  total_files_ = number_in(*stats, "totalTransfers");
  return true;
}

void RcloneLog::take_error(const std::string& message, const std::string& object) {
  const bool differs = message.ends_with("differ") || message.starts_with("file not in ");
  if (differs && ++differences_ == 1) first_difference_ = object;
  if (errors_.size() < kMostOfErrors) errors_ += message + "\n";
  last_error_ = message;
}

Progress RcloneLog::progress() const {
  return {"copy", static_cast<std::int64_t>(bytes_), static_cast<std::int64_t>(total_bytes_),
          sentence(files_, " of ", total_files_, " files"), false};
}

void RcloneLog::check_end(const TransferPlan& plan, TransferStep step, int exit_code) const {
  const bool verifies = step == TransferStep::kVerify || step == TransferStep::kVerifyBytes;
  if (verifies && differences_ > 0) {
    fail(ErrorCode::kCorrupt, differences_, differences_ == 1 ? " file" : " files", " of ",
         transfer_words(plan.name), " differ", differences_ == 1 ? "s" : "", " at ",
         is_download(plan) ? volume_place_of(plan) : store_place_of(plan), "; the first is ",
         quoted(first_difference_));
  }
  if (exit_code == 0) return;
  if (exit_code == kNoTransfer) {
    fail(ErrorCode::kNotFound, "there is nothing at ", store_place_of(plan));
  }
  if (exit_code == kLimitReached) {
    fail(ErrorCode::kUnavailable, store_place_of(plan), " has changed meanwhile; ",
         transfer_words(plan.name), " goes on when it is run again");
  }
  const bool no_bucket = exit_code == kNoDirectory && step == TransferStep::kLook;
  if (no_bucket || says("NoSuchBucket")) {
    fail(ErrorCode::kNotFound, "there is no bucket '", plan.bucket, "'",
         plan.store.endpoint.empty() ? "" : " at " + plan.store.endpoint);
  }
  if (exit_code == kNoDirectory && !is_download(plan)) {
    fail(ErrorCode::kNotFound, "volume '", plan.volume, "' has no ",
         plan.object ? "file " : "folder ", quoted(plan.folder));
  }
  fail_as_said(plan, exit_code);
}

void RcloneLog::fail_as_said(const TransferPlan& plan, int exit_code) const {
  const std::string where = plan.store.endpoint.empty() ? "Amazon S3" : plan.store.endpoint;
  if (const auto word = found_in(errors_, kRefusals); !word.empty()) {
    fail(ErrorCode::kRefused, where, " refuses ", store_place_of(plan), " to these keys: ", word);
  }
  if (!found_in(errors_, kFull).empty()) {
    fail(ErrorCode::kUnavailable, "the disk is full below volume '", plan.volume, "'");
  }
  if (!found_in(errors_, kUntrusted).empty()) {
    fail(ErrorCode::kRefused, where, " has a certificate that is not trusted");
  }
  if (const auto word = found_in(errors_, kUnreached); !word.empty()) {
    fail(ErrorCode::kUnavailable, where, " cannot be reached, or not to the end: ", word);
  }
  if (exit_code > kSignals) {
    fail(ErrorCode::kUnavailable, transfer_words(plan.name), " was ended by signal ",
         exit_code - kSignals);
  }
  fail(ErrorCode::kUnavailable, transfer_words(plan.name), " ended with ", exit_code,
       last_error_.empty() ? "" : ": " + first_line(last_error_));
}

}  // namespace scrim
