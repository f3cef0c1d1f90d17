#include "release/manifest.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/json.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace scrim {
namespace {

constexpr const char* kFormat = "scrim-release";
constexpr int kFormatVersion = 1;
constexpr std::array<std::string_view, 4> kParts = {"client/head.pt", "client/noise.safetensors",
                                                    "server/contract.json", "server/tail.pt"};
constexpr std::string_view kEvidence = "evidence/";

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A list of what may be, not of what may not: no spelling of a path out of the folder passes.
bool is_part(std::string_view path) {
  return std::ranges::find(kParts, path) != kParts.end() ||
         (path.starts_with(kEvidence) && is_plain_name(path.substr(kEvidence.size())));
}

// A stranger's text must not choose what an error says; the field is named, its value is not.
template <typename T>
T field(const Json& json, const char* key) {
  try {
    const Json& value = json.at(key);
    if (!std::is_integral_v<T> || value.is_number_integer()) return value.get<T>();
  } catch (const Json::exception&) {  // missing, or of another type: reported below
  }
  fail(ErrorCode::kCorrupt, "manifest.json has no proper field '", key, "'");
}

// Before anything else is read: a newer format may have changed anything else.
void check_format(const Json& json) {
  if (!json.is_object() || field<std::string>(json, "format") != kFormat) {
    fail(ErrorCode::kCorrupt, "manifest.json is not of a release: its format is not '", kFormat,
         "'");
  }
  const auto version = field<std::int64_t>(json, "format_version");
  if (version > kFormatVersion) {
    fail(ErrorCode::kUnsupported, "the release has format version ", version,
         "; this version of Scrim reads ", kFormatVersion);
  }
  if (version < kFormatVersion) fail(ErrorCode::kCorrupt, "there is no format version ", version);
}

Json to_json(const Manifest& manifest) {
  Json json;
  json["format"] = kFormat;
  json["format_version"] = manifest.format_version;
  json["release_id"] = manifest.release_id;
  json["model"] = manifest.model;
  json["task"] = manifest.task;
  if (!manifest.classes.empty()) json["classes"] = manifest.classes;
  json["split_point"] = manifest.split_point;
  json["objective"] = manifest.objective;
  json["input"] = {{"scale", manifest.input.scale}, {"mean", manifest.input.mean}};
  if (manifest.input.largest_side > 0) {
    json["input"]["smallest_side"] = manifest.input.smallest_side;
    json["input"]["largest_side"] = manifest.input.largest_side;
  }
  json["stride"] = manifest.stride;
  json["alphas"] = manifest.alphas;
  json["data_digest"] = manifest.data_digest;
  json["tool_version"] = manifest.tool_version;
  json["created"] = manifest.created;
  json["licences"] = manifest.licences;
  json["files"] = manifest.files;
  return json;
}

Manifest from_json(const Json& json) {
  Manifest manifest;
  manifest.release_id = field<std::string>(json, "release_id");
  manifest.model = field<std::string>(json, "model");
  manifest.task = field<std::string>(json, "task");
  if (json.contains("classes")) {
    manifest.classes = field<std::vector<std::string>>(json, "classes");
  }
  manifest.split_point = field<std::string>(json, "split_point");
  manifest.objective = field<std::string>(json, "objective");
  const auto input = field<Json>(json, "input");
  manifest.input.scale = field<double>(input, "scale");
  manifest.input.mean = field<std::vector<double>>(input, "mean");
  if (input.contains("largest_side")) {
    manifest.input.smallest_side = field<std::int64_t>(input, "smallest_side");
    manifest.input.largest_side = field<std::int64_t>(input, "largest_side");
  }
  manifest.stride = field<std::int64_t>(json, "stride");
  manifest.alphas = field<std::vector<double>>(json, "alphas");
  manifest.data_digest = field<std::string>(json, "data_digest");
  manifest.tool_version = field<std::string>(json, "tool_version");
  manifest.created = field<std::string>(json, "created");
  manifest.licences = field<std::map<std::string, std::string>>(json, "licences");
  manifest.files = field<std::map<std::string, std::string>>(json, "files");
  return manifest;
}

}  // namespace

bool is_plain_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 255 && name[0] != '.' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

void check_manifest(const Manifest& manifest) {
  check(manifest.format_version == kFormatVersion, "format_version must be ", kFormatVersion,
        ", got ", manifest.format_version);
  check(!manifest.model.empty(), "the manifest names no model");
  check(!manifest.split_point.empty(), "the manifest names no split_point");
  check(manifest.classes.size() != 1, "a classifier has at least 2 classes, the manifest names 1");
  check(std::isfinite(manifest.input.scale) && manifest.input.scale > 0,
        "input.scale must be above 0, got ", manifest.input.scale);
  for (const double mean : manifest.input.mean) {
    check(std::isfinite(mean), "input.mean must be finite, got ", mean);
  }
  const bool says_sides = manifest.input.smallest_side != 0 || manifest.input.largest_side != 0;
  check(!says_sides || (1 <= manifest.input.smallest_side &&
                        manifest.input.smallest_side <= manifest.input.largest_side),
        "input must have 1 <= smallest_side <= largest_side, got ", manifest.input.smallest_side,
        " and ", manifest.input.largest_side);
  check(manifest.stride >= 1, "stride must be at least 1, got ", manifest.stride);
  for (const std::string_view part : kParts) {
    check(manifest.files.contains(std::string(part)), "the manifest lists no ", part);
  }
  for (const auto& [path, digest] : manifest.files) {
    check(is_part(path), "the manifest lists a file that no release has");
    check(is_digest(digest), "the manifest has no SHA-256 for ", path);
  }
}

std::string format_manifest(const Manifest& manifest) {
  try {
    return to_json(manifest).dump(2) + "\n";
  } catch (const Json::type_error&) {
    fail(ErrorCode::kInvalidArgument, "the manifest holds text that is not UTF-8");
  }
}

Manifest parse_manifest(std::string_view text) {
  const Json json = parse_json(text, "manifest.json");
  check_format(json);
  Manifest manifest = from_json(json);
  // One spelling: no unknown field, no second value of a field, no number that two readers could
  // read in two ways.
  if (format_manifest(manifest) != text) {
    fail(ErrorCode::kCorrupt, "manifest.json is not as Scrim writes it");
  }
  if (release_id_of(manifest) != manifest.release_id) {
    fail(ErrorCode::kCorrupt, "manifest.json was changed: its release_id is of another manifest");
  }
  return manifest;
}

std::string release_id_of(Manifest manifest) {
  manifest.release_id.clear();
  manifest.created.clear();
  return hex(sha256(format_manifest(manifest)));
}

}  // namespace scrim
