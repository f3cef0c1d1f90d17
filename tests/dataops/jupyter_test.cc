#include "dataops/jupyter.h"

#include "base/json.h"
#include "support/expect_error.h"

#include <argon2.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

const JupyterPlace kPlace{.address = "localhost", .port = 8888, .folder = "/work"};

TEST(Jupyter, WithoutAPasswordATokenIsDrawn) {
  const std::string first = jupyter_settings(kPlace, ""), second = jupyter_settings(kPlace, "");
  EXPECT_EQ(token_in(first).size(), 32U);
  EXPECT_NE(token_in(first), token_in(second));
  const Json json = parse_json(first, "settings");
  EXPECT_EQ(json["ServerApp"]["token"], token_in(first)) << "for Jupyter Server 1";
  EXPECT_EQ(json["ServerApp"]["port"], 8888);
  EXPECT_EQ(json["ServerApp"]["root_dir"], "/work");
  EXPECT_EQ(json["ServerApp"]["port_retries"], 0);
  EXPECT_FALSE(json["ServerApp"].contains("certfile"));
}

TEST(Jupyter, OfAPasswordOnlyASaltedHashIsKept) {
  const std::string settings = jupyter_settings(kPlace, "open sesame");
  EXPECT_EQ(settings.find("sesame"), std::string::npos);
  EXPECT_EQ(token_in(settings), "");
  const Json json = parse_json(settings, "settings");
  const auto hash = json["PasswordIdentityProvider"]["hashed_password"].get<std::string>();
  constexpr std::string_view kKind = "argon2:";
  ASSERT_TRUE(hash.starts_with(kKind)) << hash;
  const std::string encoded = hash.substr(kKind.size());
  const auto opens = [&](std::string_view password) {
    return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
  };
  EXPECT_TRUE(opens("open sesame"));
  EXPECT_FALSE(opens("open sesam"));
  EXPECT_NE(password_hash("open sesame"), password_hash("open sesame")) << "by their salts";
}

TEST(Jupyter, SettingsTellWhichPasswordOpensThem) {
  const std::string settings = jupyter_settings(kPlace, "open sesame");
  EXPECT_TRUE(opens(settings, "open sesame"));
  EXPECT_FALSE(opens(settings, "open"));
  EXPECT_FALSE(opens(jupyter_settings(kPlace, ""), "open sesame"));
}

TEST(Jupyter, ACertificateIsNamedByItsFiles) {
  JupyterPlace place = kPlace;
  place.certificate = "/c/tls.crt";
  place.key = "/c/tls.key";
  const Json json = parse_json(jupyter_settings(place, "x"), "settings");
  EXPECT_EQ(json["ServerApp"]["certfile"], "/c/tls.crt");
  EXPECT_EQ(json["ServerApp"]["keyfile"], "/c/tls.key");
  EXPECT_EQ(jupyter_command("/f.json").back(), "--config=/f.json");
}

TEST(Jupyter, DamagedSettingsAreRefused) {
  expect_error(ErrorCode::kCorrupt, "the settings of JupyterLab", [] { token_in("{"); });
}

}  // namespace
}  // namespace scrim
