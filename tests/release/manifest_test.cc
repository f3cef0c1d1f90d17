#include "release/manifest.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "support/expect_error.h"

namespace scrim {
namespace {

Manifest example_manifest() {
  Manifest manifest;
  manifest.model = "faceboxes";
  manifest.task = "face-detection";
  manifest.split_point = "inception3";
  manifest.objective = "fisher";
  manifest.alphas = {0.1, 0.8};
  manifest.data_digest = std::string(64, 'a');
  manifest.tool_version = "0.1.0";
  manifest.created = "2024-05-01T12:34:56Z";
  manifest.licences = {{"client/head.pt", "MIT"}, {"release_id", "\"release_id\": \"x\""}};
  for (const char* part : {"client/head.pt", "client/noise.safetensors", "server/contract.json",
                           "server/tail.pt", "evidence/audit.json"}) {
    manifest.files[part] = hex(sha256(part));
  }
  manifest.release_id = release_id_of(manifest);
  return manifest;
}

// The text with one field of another value and the id made right again, as a forger would.
std::string forged(const std::string& pointer, const Json& value) {
  Json json = Json::parse(format_manifest(example_manifest()));
  json[Json::json_pointer(pointer)] = value;
  json["release_id"] = "";
  json["created"] = "";
  json["release_id"] = hex(sha256(json.dump(2) + "\n"));
  return json.dump(2) + "\n";
}

TEST(Manifest, WhatIsWrittenIsReadBack) {
  const Manifest manifest = example_manifest();
  const Manifest read = parse_manifest(format_manifest(manifest));
  EXPECT_EQ(format_manifest(read), format_manifest(manifest));
  EXPECT_EQ(read.alphas, manifest.alphas);
  EXPECT_EQ(read.input.mean, manifest.input.mean);
  EXPECT_EQ(read.files, manifest.files);
  EXPECT_EQ(read.licences, manifest.licences);
  check_manifest(read);
}

TEST(Manifest, ClassesAreReadBackAndWrittenOnlyWhereThereAreAny) {
  Manifest manifest = example_manifest();
  EXPECT_EQ(format_manifest(manifest).find("classes"), std::string::npos);
  manifest.task = "classification";
  manifest.classes = {"disc", "dark star"};
  manifest.release_id = release_id_of(manifest);
  EXPECT_NE(manifest.release_id, example_manifest().release_id);
  EXPECT_EQ(parse_manifest(format_manifest(manifest)).classes, manifest.classes);
  expect_error(ErrorCode::kCorrupt, "classes", [] { parse_manifest(forged("/classes", "disc")); });
  manifest.classes = {"disc"};
  expect_error(ErrorCode::kInvalidArgument, "at least 2 classes",
               [&] { check_manifest(manifest); });
}

TEST(Manifest, SidesAreWrittenWhereTheyAreKnown) {
  EXPECT_EQ(format_manifest(example_manifest()).find("side"), std::string::npos);
  Manifest manifest = example_manifest();
  manifest.input.smallest_side = 200;
  manifest.input.largest_side = 400;
  manifest.release_id = release_id_of(manifest);
  const Manifest read = parse_manifest(format_manifest(manifest));
  EXPECT_EQ(read.input.smallest_side, 200);
  EXPECT_EQ(read.input.largest_side, 400);
  check_manifest(read);
  EXPECT_NE(manifest.release_id, example_manifest().release_id);
}

TEST(Manifest, SidesThatMakeNoSenseAreRefused) {
  for (const auto& [smallest, largest] : {std::pair{0, 400}, {-1, 400}, {401, 400}, {5, 0}}) {
    Manifest manifest = example_manifest();
    manifest.input.smallest_side = smallest;
    manifest.input.largest_side = largest;
    expect_error(ErrorCode::kInvalidArgument, "1 <= smallest_side <= largest_side",
                 [&] { check_manifest(manifest); });
  }
  for (const char* alone : {"/input/smallest_side", "/input/largest_side"}) {
    expect_error(ErrorCode::kCorrupt, "manifest.json",
                 [&] { parse_manifest(forged(alone, Json(300))); });
  }
}

TEST(Manifest, IdStandsForAllButTheTimeOfWriting) {
  Manifest later = example_manifest();
  later.created = "2025-01-01T00:00:00Z";
  EXPECT_EQ(release_id_of(later), example_manifest().release_id);
  Manifest other = example_manifest();
  other.files["evidence/audit.json"] = std::string(64, '0');
  EXPECT_NE(release_id_of(other), example_manifest().release_id);
  other = example_manifest();
  other.input.scale = 2;
  EXPECT_NE(release_id_of(other), example_manifest().release_id);
}

TEST(Manifest, EveryChangedByteIsRefused) {
  const std::string text = format_manifest(example_manifest());
  const std::size_t created = text.find("2024-05-01");
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at >= created && at < created + 20) continue;  // the one thing that the id leaves out
    for (const int flip : {1, 0x20}) {
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      try {
        parse_manifest(changed);
        ADD_FAILURE() << "byte " << at << " ^ " << flip << " went unseen";
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported)
            << error.what();
      }
    }
  }
}

TEST(Manifest, EveryTruncationIsRefused) {
  const std::string text = format_manifest(example_manifest());
  for (std::size_t size = 0; size < text.size(); ++size) {
    expect_error(ErrorCode::kCorrupt, "manifest.json",
                 [&] { parse_manifest(std::string_view(text).substr(0, size)); });
  }
}

TEST(Manifest, NewerFormatIsUnsupportedWhateverElseChanged) {
  expect_error(ErrorCode::kUnsupported, "format version 2", [] {
    parse_manifest(R"({"format": "scrim-release", "format_version": 2, "unknown": []})");
  });
  expect_error(ErrorCode::kCorrupt, "no format version 0",
               [] { parse_manifest(R"({"format": "scrim-release", "format_version": 0})"); });
  for (const char* version : {"\"1\"", "1.0", "null", "[1]"}) {
    const std::string text = R"({"format": "scrim-release", "format_version": )";
    expect_error(ErrorCode::kCorrupt, "'format_version'",
                 [&] { parse_manifest(text + version + "}"); });
  }
}

TEST(Manifest, OtherJsonIsNotAManifest) {
  for (const char* text :
       {"{}", "[]", "null", "3", R"({"format": "scrim-contract"})", "{\"format\":"}) {
    expect_error(ErrorCode::kCorrupt, "manifest.json", [text] { parse_manifest(text); });
  }
}

TEST(Manifest, FieldsOfAnotherTypeAreNamed) {
  for (const std::string name : {"model", "input/scale", "stride", "alphas", "licences", "files"}) {
    const std::string field = name.substr(name.find('/') + 1);
    expect_error(ErrorCode::kCorrupt, "'" + field + "'",
                 [&name] { parse_manifest(forged("/" + name, nullptr)); });
  }
  expect_error(ErrorCode::kCorrupt, "'stride'", [] { parse_manifest(forged("/stride", 1e300)); });
}

TEST(Manifest, UnknownFieldsAreRefused) {
  expect_error(ErrorCode::kCorrupt, "not as Scrim writes it",
               [] { parse_manifest(forged("/extra", 1)); });
}

TEST(Manifest, FilesAreThoseOfARelease) {
  for (const char* path :
       {"../outside", "/etc/passwd", "evidence/../../x", "evidence/", "evidence/.hidden",
        "evidence/a/b", "evidence/a b", "client/extra.pt", "manifest.json", "evidence/..", ""}) {
    Manifest manifest = example_manifest();
    manifest.files[path] = std::string(64, '0');
    expect_error(ErrorCode::kInvalidArgument, "no release has",
                 [&manifest] { check_manifest(manifest); });
  }
}

TEST(Manifest, RequiredPartsAndWholeHashes) {
  Manifest manifest = example_manifest();
  manifest.files.erase("server/tail.pt");
  expect_error(ErrorCode::kInvalidArgument, "server/tail.pt", [&] { check_manifest(manifest); });
  for (const std::string& digest :
       {std::string(), std::string(63, 'a'), std::string(64, 'A'), std::string(65, 'a')}) {
    manifest = example_manifest();
    manifest.files["client/head.pt"] = digest;
    expect_error(ErrorCode::kInvalidArgument, "client/head.pt", [&] { check_manifest(manifest); });
  }
}

TEST(Manifest, NumbersAreInRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double scale : {0.0, -1.0, nan}) {
    Manifest manifest = example_manifest();
    manifest.input.scale = scale;
    expect_error(ErrorCode::kInvalidArgument, "input.scale", [&] { check_manifest(manifest); });
  }
  Manifest manifest = example_manifest();
  manifest.input.mean[1] = nan;
  expect_error(ErrorCode::kInvalidArgument, "input.mean", [&] { check_manifest(manifest); });
  manifest = example_manifest();
  manifest.stride = 0;
  expect_error(ErrorCode::kInvalidArgument, "stride", [&] { check_manifest(manifest); });
}

TEST(Manifest, TextMustBeUtf8) {
  Manifest manifest = example_manifest();
  manifest.task = "\xff";
  expect_error(ErrorCode::kInvalidArgument, "UTF-8", [&] { format_manifest(manifest); });
}

}  // namespace
}  // namespace scrim
