#include "dataops/record.h"

#include "base/check.h"
#include "base/files.h"

#include <utility>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr int kRecordVersion = 1;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

std::string what(ObjectKind kind, const fs::path& folder) {
  return std::string(name(kind)) + " '" + folder.filename().string() + "'";
}

Json common(ObjectKind kind, const std::string& own_name, std::uint64_t size,
            const std::string& created, const Labels& labels) {
  return {{"format", "scrim-" + std::string(name(kind))},
          {"format_version", kRecordVersion},
          {"name", own_name},
          {"size", size},
          {"created", created},
          {"labels", labels}};
}

// Reads the record and hands it to `fill`; whatever it lacks is one fault.
template <typename Object, typename Fill>
Object read_record(ObjectKind kind, const fs::path& folder, const Fill& fill) {
  const Json json =
      parse_json(read_file(record_of(folder), kMostBytes), "the record of " + what(kind, folder));
  try {
    const bool known = json.at("format") == "scrim-" + std::string(name(kind)) &&
                       json.at("name") == folder.filename().string();
    if (!known) fail(ErrorCode::kCorrupt, "the record of ", what(kind, folder), " is of another");
    if (json.at("format_version") != kRecordVersion) {
      fail(ErrorCode::kUnsupported, "the record of ", what(kind, folder),
           " is of a newer version of Scrim");
    }
    Object object;
    object.name = json.at("name").get<std::string>();
    object.size = json.at("size").get<std::uint64_t>();
    object.created = json.at("created").get<std::string>();
    object.labels = json.at("labels").get<Labels>();
    object.path = data_of(folder);
    fill(json, object);
    return object;
  } catch (const Json::exception&) {
    fail(ErrorCode::kCorrupt, "the record of ", what(kind, folder), " is damaged");
  }
}

}  // namespace

std::string_view name(ObjectKind kind) {
  return kind == ObjectKind::kVolume ? "volume" : "snapshot";
}

fs::path record_of(const fs::path& folder) { return folder / "record.json"; }
fs::path data_of(const fs::path& folder) { return folder / "data"; }

Volume read_volume(const fs::path& folder) {
  return read_record<Volume>(ObjectKind::kVolume, folder, [](const Json& json, Volume& volume) {
    if (!json.contains("origin")) return;
    const Json& origin = json.at("origin");
    const auto kind = origin.at("kind").get<std::string>();
    volume.origin = {kind == "volume" ? ObjectKind::kVolume : ObjectKind::kSnapshot,
                     origin.at("name").get<std::string>()};
  });
}

Snapshot read_snapshot(const fs::path& folder) {
  return read_record<Snapshot>(ObjectKind::kSnapshot, folder, [](const Json& json, Snapshot& own) {
    own.volume = json.at("volume").get<std::string>();
  });
}

std::string record_text(const Volume& volume) {
  Json json = common(ObjectKind::kVolume, volume.name, volume.size, volume.created, volume.labels);
  if (volume.origin) {
    json["origin"] = {{"kind", name(volume.origin->kind)}, {"name", volume.origin->name}};
  }
  return json.dump(2) + "\n";
}

std::string record_text(const Snapshot& snapshot) {
  Json json = common(ObjectKind::kSnapshot, snapshot.name, snapshot.size, snapshot.created,
                     snapshot.labels);
  json["volume"] = snapshot.volume;
  return json.dump(2) + "\n";
}

}  // namespace scrim
