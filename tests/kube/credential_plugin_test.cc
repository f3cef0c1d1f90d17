#include "kube/credential_plugin.h"

#include "base/files.h"
#include "base/json.h"
#include "kube/script.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

struct CredentialPluginTest : testing::Test {
  // The credential that a plugin of these shell lines gives.
  Credential run(const std::string& lines) {
    access.user.plugin->command = write_script(folder / "plugin", lines);
    return run_credential_plugin(access);
  }
  static std::string answer(const std::string& status) {
    return R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)" +
           status + "}";
  }

  TemporaryFolder folder;
  ClusterAccess access{.context = "lab",
                       .server = "https://cluster:6443",
                       .authorities = "PEM",
                       .user = {.plugin = CredentialPlugin{.api_version = kVersion}}};
};

TEST_F(CredentialPluginTest, GivesATokenOrACertificate) {
  const Credential token = run("echo '" +
                               answer(R"({"token":"t","expirationTimestamp":)"
                                      R"("2030-01-01T00:00:00Z"})") +
                               "'");
  EXPECT_EQ(token.token, "t");
  EXPECT_EQ(std::chrono::system_clock::to_time_t(*token.expires), 1'893'456'000);
  const Credential certificate =
      run("echo '" + answer(R"({"clientCertificateData":"C","clientKeyData":"K"})") + "'");
  EXPECT_EQ(certificate.certificate, "C");
  EXPECT_EQ(certificate.key, "K");
  EXPECT_FALSE(certificate.expires);
}

TEST_F(CredentialPluginTest, IsRunByItsArgumentsWithItsOwnEnvironment) {
  CredentialPlugin& plugin = *access.user.plugin;
  plugin.arguments = {"a b", "$(id)", "'"};
  plugin.environment = {{"WORD", "c d"}};
  plugin.wants_cluster = true;
  const std::string told = folder / "told";
  run("printf '%s|' \"$@\" \"$WORD\" \"$KUBERNETES_EXEC_INFO\" > " + told + "; echo '" +
      answer(R"({"token":"t"})") + "'");
  const std::string words = read_file(told);
  ASSERT_TRUE(words.starts_with("a b|$(id)|'|c d|{")) << words;
  const Json info = parse_json(words.substr(words.find('{'), words.rfind('|') - words.find('{')),
                               "what it is told");
  EXPECT_EQ(info["apiVersion"], kVersion);
  EXPECT_EQ(info["kind"], "ExecCredential");
  EXPECT_EQ(info["spec"]["interactive"], false);
  EXPECT_EQ(info["spec"]["cluster"]["server"], "https://cluster:6443");
  EXPECT_EQ(info["spec"]["cluster"]["certificate-authority-data"], "UEVN");
  EXPECT_EQ(std::getenv("WORD"), nullptr);
}

TEST_F(CredentialPluginTest, WhatIsNoAnswerIsNotShown) {
  const std::pair<std::string, const char*> cases[] = {
      {"secret", "is not valid JSON"},
      {"[]", "is no ExecCredential"},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})",
       "is not of apiVersion client.authentication.k8s.io/v1"},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})",
       "has no status"},
      {answer("{}"), "holds neither a token nor a certificate"},
      {answer(R"({"token":{"secret":1}})"), "'token' is not a text"},
      {answer(R"({"clientKeyData":"secret"})"), "has one of clientCertificateData"},
      {answer(R"({"token":"secret","expirationTimestamp":"soon"})"), "'soon' is no time"}};
  for (const auto& [text, words] : cases) {
    try {
      run("echo '" + text + "'");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    }
  }
}

TEST_F(CredentialPluginTest, WhoFailsOrIsMissingIsNamed) {
  expect_error(ErrorCode::kRefused, "of context 'lab' ended with exit code 3",
               [&] { run("exit 3"); });
  expect_error(ErrorCode::kRefused, "ended with signal 9", [&] { run("kill -9 $$"); });
  access.user.plugin->command = "no-such-plugin";
  access.user.plugin->install_hint = "get it from the cloud";
  expect_error(ErrorCode::kNotFound,
               "there is no program 'no-such-plugin' on the PATH, which context 'lab' takes its "
               "token from: get it from the cloud",
               [&] { run_credential_plugin(access); });
}

TEST_F(CredentialPluginTest, OneThatMustAskIsNotRunWithoutATerminal) {
  access.user.plugin->must_ask = true;
  expect_error(ErrorCode::kRefused, "has to ask a person, and there is no terminal",
               [&] { run("touch " + (folder / "ran").string()); });
  EXPECT_FALSE(std::filesystem::exists(folder / "ran"));
}

}  // namespace
}  // namespace scrim
