#include "audit/sample_report.h"

#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

Json written(const ReportContents& contents) {
  return parse_json(audit_json(contents), "audit.json");
}

TEST(AuditJson, HoldsEveryRowWithItsInterval) {
  const Json json = written(sample_report());
  EXPECT_EQ(json["format"], "scrim-audit");
  EXPECT_EQ(json["valid"], true);
  EXPECT_EQ(json["attacks"].size(), sample_audit().attacks.size());
  const Json& row = json["attacks"][4];
  EXPECT_EQ(row["attacker"], "decoder");
  EXPECT_EQ(row["seen"], "release");
  EXPECT_EQ(row["alpha"], 0.95);
  EXPECT_DOUBLE_EQ(row["unexplained_variance"]["value"], 0.642);
  EXPECT_DOUBLE_EQ(row["unexplained_variance"]["low"], 0.622);
  EXPECT_EQ(json["release"]["release_id"], "00ff<");
}

TEST(AuditJson, WritesNullForWhatWasNotMeasured) {
  const Json json = written(sample_report());
  EXPECT_TRUE(json["attacks"][0]["ssim"].is_null());
  EXPECT_TRUE(json["attacks"][0]["alpha_after_draws"].is_null());
  EXPECT_TRUE(json["attacks"][0]["attribute"].is_null());
  EXPECT_TRUE(json["method"]["recogniser_sha256"].is_null());
  EXPECT_TRUE(json["accuracy"]["rows"][0]["alpha"].is_null());
}

TEST(AuditJson, KeepsTheFiguresOfEachPicture) {
  ReportContents c = sample_report();
  c.audit.attacks[0].per_picture = {{.name = "a\xFF", .error = 2, .variance = 5, .psnr = 20}};
  const Json json = written(c);
  EXPECT_EQ(json["attacks"][0]["per_picture"].size(), 1U);
  EXPECT_EQ(json["attacks"][0]["per_picture"][0]["variance"], 5);
}

TEST(AuditJson, IsTheSameTextForTheSameContents) {
  EXPECT_EQ(audit_json(sample_report()), audit_json(sample_report()));
}

}  // namespace
}  // namespace scrim
