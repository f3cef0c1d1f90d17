#include "kube/kubeconfig.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWork = R"(apiVersion: v1
kind: Config
current-context: work
clusters:
- name: near
  cluster: {server: "https://near:6443/", certificate-authority-data: UEVN}
contexts:
- name: work
  context: {cluster: near, user: ann, namespace: inference}
- name: nobody
  context: {cluster: near}
users:
- name: ann
  user: {token: s3cret}
)";

class Kubeconfig : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) {
    fs::create_directories((folder / name).parent_path());
    write_file_atomically(folder / name, text);
    return folder / name;
  }

  // kWork with another entry of the user.
  ClusterUser user(const std::string& entry) {
    std::string text = kWork;
    const std::string token = "{token: s3cret}";
    return read_kubeconfig({write("user", text.replace(text.find(token), token.size(), entry))})
        .user;
  }

  TemporaryFolder folder;
};

TEST_F(Kubeconfig, TheCurrentContextIsRead) {
  const ClusterAccess access = read_kubeconfig({write("config", kWork)});
  EXPECT_EQ(access.context, "work");
  EXPECT_EQ(access.server, "https://near:6443");
  EXPECT_EQ(access.authorities, "PEM");
  EXPECT_TRUE(access.verified);
  EXPECT_EQ(access.space, "inference");
  EXPECT_EQ(access.user.token, "s3cret");
  const ClusterAccess nobody = read_kubeconfig({folder / "config"}, "nobody");
  EXPECT_EQ(nobody.space, "default");
  EXPECT_TRUE(nobody.user.token.empty());
}

TEST_F(Kubeconfig, TheFirstFileThatNamesAThingWins) {
  const fs::path work = write("work", kWork);
  const fs::path other = write("other", R"(current-context: far
clusters:
- {name: near, cluster: {server: "https://false"}}
- {name: far, cluster: {server: "http://far", proxy-url: "socks5://p:1", tls-server-name: kube}}
contexts:
- {name: far, context: {cluster: far, user: ann}}
)");
  const std::vector<fs::path> files = {folder / "missing", work, other};
  EXPECT_EQ(read_kubeconfig(files).server, "https://near:6443");
  const ClusterAccess far = read_kubeconfig(files, "far");
  EXPECT_EQ(far.server, "http://far");
  EXPECT_EQ(far.proxy, "socks5://p:1");
  EXPECT_EQ(far.server_name, "kube");
  EXPECT_EQ(far.user.token, "s3cret");
  EXPECT_EQ(read_kubeconfig({other, work}).context, "far");
}

TEST_F(Kubeconfig, PathsAreRelativeToTheirFile) {
  write("sub/pem", "CERT");
  write("sub/key", "KEY");
  const fs::path file = write("sub/config", R"(current-context: c
clusters: [{name: c, cluster: {server: "https://c", certificate-authority: pem}}]
contexts: [{name: c, context: {cluster: c, user: c}}]
users: [{name: c, user: {client-certificate: pem, client-key: key, tokenFile: token,
  exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login}}}]
)");
  const ClusterAccess access = read_kubeconfig({file});
  EXPECT_EQ(access.authorities, "CERT");
  EXPECT_EQ(access.user.certificate, "CERT");
  EXPECT_EQ(access.user.key, "KEY");
  EXPECT_EQ(access.user.token_file, folder / "sub/token");
  EXPECT_EQ(fs::path(access.user.plugin->command).lexically_normal(), folder / "sub/login");
}

TEST_F(Kubeconfig, UsersOfEveryKindAreRead) {
  const ClusterUser basic = user("{username: ann, password: pass}");
  EXPECT_EQ(basic.name + ":" + basic.password, "ann:pass");
  const ClusterUser other = user("{token: t, as: bob, as-uid: u, as-groups: [g, h]}");
  EXPECT_EQ(other.acts_as + other.acts_as_uid, "bobu");
  EXPECT_EQ(other.acts_as_groups, (std::vector<std::string>{"g", "h"}));
  const ClusterUser plugged = user(
      "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, 'a b'],"
      " env: [{name: P, value: dev}], installHint: get it, interactiveMode: Never,"
      " provideClusterInfo: true}}");
  ASSERT_TRUE(plugged.plugin);
  EXPECT_EQ(plugged.plugin->command, "aws");
  EXPECT_EQ(plugged.plugin->arguments, (std::vector<std::string>{"eks", "a b"}));
  EXPECT_EQ(plugged.plugin->environment.at("P"), "dev");
  EXPECT_EQ(plugged.plugin->install_hint, "get it");
  EXPECT_TRUE(plugged.plugin->wants_cluster);
  EXPECT_FALSE(plugged.plugin->may_ask);
}

TEST_F(Kubeconfig, WrongUsersAreRefused) {
  const auto refused = [&](ErrorCode code, const char* part, const char* entry) {
    expect_error(code, part, [&] { user(entry); });
  };
  refused(ErrorCode::kUnsupported, "has an auth-provider 'gcp'", "{auth-provider: {name: gcp}}");
  refused(ErrorCode::kUnsupported, "apiVersion 'v1alpha1'",
          "{exec: {apiVersion: v1alpha1, command: x}}");
  refused(ErrorCode::kCorrupt, "names no command",
          "{exec: {apiVersion: client.authentication.k8s.io/v1}}");
  refused(ErrorCode::kCorrupt, "interactiveMode 'Perhaps'",
          "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x,"
          " interactiveMode: Perhaps}}");
  refused(ErrorCode::kCorrupt, "'client-key-data' is not base64", "{client-key-data: '*'}");
  refused(ErrorCode::kCorrupt, "one of client-certificate and client-key",
          "{client-key-data: S0VZ}");
  refused(ErrorCode::kNotFound, "'client-key': ", "{client-key: missing}");
  refused(ErrorCode::kCorrupt, "'as-groups' is not a list of texts", "{as-groups: g}");
  refused(ErrorCode::kCorrupt, "'token' is not a text", "{token: [a]}");
}

TEST_F(Kubeconfig, WhatIsNotThereIsNamed) {
  expect_error(ErrorCode::kNotFound, "there is no kubeconfig: no '",
               [&] { read_kubeconfig({folder / "missing"}); });
  const fs::path work = write("config", kWork);
  expect_error(ErrorCode::kNotFound, "no context 'play'; there are 'work', 'nobody'",
               [&] { read_kubeconfig({work}, "play"); });
  expect_error(ErrorCode::kNotFound, "has no current context",
               [&] { read_kubeconfig({write("empty", "")}); });
  expect_error(ErrorCode::kNotFound, "has no cluster 'c'", [&] {
    read_kubeconfig({write("c", "contexts: [{name: c, context: {cluster: c}}]")}, "c");
  });
}

TEST_F(Kubeconfig, ABrokenFileIsNamedWithItsLine) {
  const auto refused = [&](const char* part, const char* text) {
    const fs::path file = write("broken", text);
    expect_error(ErrorCode::kCorrupt, part, [&] { read_kubeconfig({file}, "c"); });
  };
  refused("is not a kubeconfig: line 2 is not YAML", "a: b\n\t- }");
  refused("it holds no map", "[1, 2]");
  refused("'users' is not a list", "users: {}");
  refused("context 'c' of", "contexts: [{name: c}]");
  refused("server 'near' is no http or https URL",
          "{contexts: [{name: c, context: {cluster: c}}],"
          " clusters: [{name: c, cluster: {server: near}}]}");
  refused("neither true nor false",
          "{contexts: [{name: c, context: {cluster: c}}], clusters: [{name: c, cluster:"
          " {server: 'https://n', insecure-skip-tls-verify: perhaps}}]}");
}

TEST_F(Kubeconfig, FilesThatOthersMayReadAreSaidAndLeft) {
  const fs::path file = write("config", kWork);
  fs::permissions(file, fs::perms::owner_read | fs::perms::others_read);
  const auto sentences = open_kubeconfigs({folder / "missing", file});
  ASSERT_EQ(sentences.size(), 1U);
  EXPECT_NE(sentences[0].find("others on this machine may read '"), std::string::npos);
  EXPECT_NE(fs::status(file).permissions() & fs::perms::others_read, fs::perms::none);
  fs::permissions(file, fs::perms::owner_read);
  EXPECT_TRUE(open_kubeconfigs({file}).empty());
}

TEST_F(Kubeconfig, TheEnvironmentListsFiles) {
  ::setenv("KUBECONFIG", "/a:/b::/c", 1);
  EXPECT_EQ(kubeconfig_files(), (std::vector<fs::path>{"/a", "/b", "/c"}));
  ::unsetenv("KUBECONFIG");
  ::setenv("HOME", "/home/ann", 1);
  EXPECT_EQ(kubeconfig_files(), (std::vector<fs::path>{"/home/ann/.kube/config"}));
}

}  // namespace
}  // namespace scrim
