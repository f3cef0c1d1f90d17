#include <scrim/release.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/json.h"
#include "release/manifest.h"
#include "release/noise_parameters.h"
#include "release/server_contract.h"

#include <set>
#include <system_error>
#include <utility>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr const char* kManifest = "manifest.json";
constexpr const char* kContract = "server/contract.json";
constexpr std::size_t kMaxText = std::size_t{16} << 20;  // of manifest.json and contract.json

// The relative paths of all files. Links, devices and folders of no release are refused.
std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().lexically_relative(folder).generic_string();
    const fs::file_status status = entry.symlink_status();
    const bool is_home = path == "client" || path == "server" || path == "evidence";
    if (is_home && fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status)) {
      fail(ErrorCode::kCorrupt, "holds a link, a folder or a device that no release has");
    }
    files.insert(path);
  }
  return files;
}

void check_files(const fs::path& folder, const Manifest& manifest) {
  std::set<std::string> present = files_in(folder);
  present.erase(kManifest);
  for (const auto& [path, digest] : manifest.files) {
    if (present.erase(path) == 0) fail(ErrorCode::kCorrupt, path, " is missing");
    if (sha256_of_file(folder / path) != digest) {
      fail(ErrorCode::kCorrupt, path, " was changed: its SHA-256 is not the one in ", kManifest);
    }
  }
  if (!present.empty()) {
    fail(ErrorCode::kCorrupt, "holds ", present.size(), " files that ", kManifest,
         " does not list");
  }
}

// What the parts say of each other.
void check_agreement(const Manifest& manifest, const NoiseParameters& noise,
                     const std::string& contract) {
  check(manifest.alphas == noise.alphas, "the alphas of ", kManifest,
        " are not those of noise.safetensors");
  check(contract == format_contract(manifest, noise),
        "contract.json does not say what noise.safetensors does");
}

// Hashes before contents: a parser meets only bytes that were written as they are.
std::pair<Manifest, NoiseParameters> read_parts(const fs::path& folder) {
  Manifest manifest = parse_manifest(read_file(folder / kManifest, kMaxText));
  check_manifest(manifest);
  check_files(folder, manifest);
  NoiseParameters noise = parse_noise(read_file(folder / "client" / "noise.safetensors"));
  check_noise(noise);
  check_agreement(manifest, noise, read_file(folder / kContract));
  return {std::move(manifest), std::move(noise)};
}

// Only a release may be replaced, whole or damaged; anything else at the target is someone's work.
void check_replaceable(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  bool is_release = false;
  try {
    const Json json = parse_json(read_file(folder / kManifest, kMaxText), kManifest);
    is_release = json.is_object() && json.value("format", Json()) == "scrim-release";
  } catch (const Error&) {  // no manifest, or not one of ours
  }
  check(is_release, folder.string(), " exists and is not a release; it is left as it is");
}

// Writes one part into the folder and enters its hash.
void add_part(const fs::path& folder, const std::string& name, const std::string& bytes,
              Manifest& manifest) {
  fs::create_directory((folder / name).parent_path());
  write_new_file(folder / name, bytes);
  manifest.files[name] = hex(sha256(bytes));
}

std::string read_module(const fs::path& path, const char* role) {
  std::string bytes = read_file(path);
  check(!bytes.empty(), "the ", role, " ", path.string(), " is empty");
  return bytes;
}

// The manifest comes last: it needs every hash, and a folder without one is no release.
Manifest write_parts(const fs::path& folder, const ReleaseParts& parts) {
  Manifest manifest = parts.manifest;
  manifest.alphas = parts.noise.alphas;
  manifest.tool_version = version();
  manifest.created = rfc3339_now();
  manifest.files.clear();
  add_part(folder, "client/head.pt", read_module(parts.head, "head"), manifest);
  add_part(folder, "client/noise.safetensors", format_noise(parts.noise), manifest);
  add_part(folder, "server/tail.pt", read_module(parts.tail, "tail"), manifest);
  add_part(folder, kContract, format_contract(manifest, parts.noise), manifest);
  for (const auto& [name, contents] : parts.evidence) {
    check(is_plain_name(name), "evidence must have a plain file name, got '", name, "'");
    add_part(folder, "evidence/" + name, contents, manifest);
  }
  check_manifest(manifest);
  manifest.release_id = release_id_of(manifest);
  write_new_file(folder / kManifest, format_manifest(manifest));
  return manifest;
}

}  // namespace

Release::Release(fs::path folder, Manifest manifest, NoiseParameters noise)
    : folder_(std::move(folder)), manifest_(std::move(manifest)), noise_(std::move(noise)) {}

const std::string& Release::contract_digest() const { return manifest_.files.at(kContract); }

Release Release::open(const fs::path& folder) {
  std::error_code ignored;
  const fs::file_status status = fs::status(folder, ignored);
  if (!fs::exists(status)) fail(ErrorCode::kNotFound, "no such release: ", folder.string());
  check(fs::is_directory(status), folder.string(), " is a file, not the folder of a release");
  try {
    auto [manifest, noise] = read_parts(folder);
    return {folder, std::move(manifest), std::move(noise)};
  } catch (const Error& error) {
    // Within a release, a missing file or a bad value is damage, not the caller's mistake.
    const bool damage =
        error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kInvalidArgument;
    fail(damage ? ErrorCode::kCorrupt : error.code(), "release ", folder.string(), ": ",
         error.what());
  } catch (const fs::filesystem_error& error) {
    fail(ErrorCode::kUnavailable, "cannot read release ", folder.string(), ": ",
         error.code().message());
  }
}

Release Release::write(const fs::path& folder, const ReleaseParts& parts) {
  check_noise(parts.noise);
  try {
    check_replaceable(folder);
    AtomicFolder target(folder);
    Manifest manifest = write_parts(target.path(), parts);
    open(target.path());  // by the same checks as a reader's, before it has its name
    target.commit();
    return {folder, std::move(manifest), parts.noise};
  } catch (const fs::filesystem_error& error) {
    fail(ErrorCode::kUnavailable, "cannot write release ", folder.string(), ": ",
         error.code().message());
  }
}

}  // namespace scrim
