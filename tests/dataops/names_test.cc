#include "dataops/names.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Names, SubdomainsAreNames) {
  for (const char* name : {"a", "inference-data", "data.20261127120000", "9", "a.b-c.d"}) {
    EXPECT_NO_THROW(check_name("volume", name)) << name;
  }
  EXPECT_NO_THROW(check_name("volume", std::string(253, 'a')));
}

TEST(Names, EverythingElseIsRefusedByName) {
  for (const char* name : {"", "A", "-a", "a-", ".a", "a.", "a..b", "a.-b", "a-.b", "../x", "a/b",
                           "a_b", "a b", "\xC3\xA4", "a\n"}) {
    expect_error(ErrorCode::kInvalidArgument, "volume name '", [&] { check_name("volume", name); });
  }
  expect_error(ErrorCode::kInvalidArgument, "has 300 characters, at most 253",
               [] { check_name("volume", std::string(300, 'a')); });
}

TEST(Names, NamespacesHaveNoDots) {
  EXPECT_NO_THROW(check_namespace("inference"));
  for (const char* name : {"a.b", "", "..", "staging/x"}) {
    expect_error(ErrorCode::kInvalidArgument, "namespace '", [&] { check_namespace(name); });
  }
  expect_error(ErrorCode::kInvalidArgument, "at most 63",
               [] { check_namespace(std::string(64, 'a')); });
}

TEST(Names, LabelsFollowTheRulesOfKubernetes) {
  EXPECT_NO_THROW(check_labels({{"team", "vision"}, {"scrim.dev/created-by", ""}, {"a_b.C", "1"}}));
  for (const char* key : {"", "-a", "a/", "/a", "A.b/c", "a/b/c", "a b"}) {
    expect_error(ErrorCode::kInvalidArgument, "is no key", [&] { check_labels({{key, "v"}}); });
  }
  expect_error(ErrorCode::kInvalidArgument, "has the value", [] {
    check_labels({{"a", std::string(64, 'x')}});
  });
}

TEST(Names, ServicesAndResourcesAreThoseOfKubernetes) {
  for (const char* service : {"NodePort", "LoadBalancer", "ClusterIP"}) check_service(service);
  expect_error(ErrorCode::kInvalidArgument, "service 'Door' is none of",
               [] { check_service("Door"); });
  check_resources({{"memory", "1Gi"}});
  expect_error(ErrorCode::kInvalidArgument, "a resource is NAME=AMOUNT", [] {
    check_resources({{"", "1"}});
  });
}

TEST(Names, TheVolumesOfServersAreKnownByTheirNames) {
  EXPECT_EQ(volume_for_server("a", {ObjectKind::kVolume, "models"}), "models");
  const std::string own = volume_for_server("a", {ObjectKind::kSnapshot, "v1"});
  EXPECT_EQ(own, "server-a.v1");
  EXPECT_EQ(volume_of_server("a"), "server-a");
  for (const std::string& name : {std::string("a"), std::string(200, 'a')}) {
    check_labels(labels_of_models(name));
  }
  EXPECT_NE(labels_of_models(std::string(200, 'a')), labels_of_models(std::string(201, 'a')));
}

TEST(Names, ASnapshotThatWasTakenAgainIsTold) {
  check_models_of("v1", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z");
  expect_error(ErrorCode::kInvalidArgument, "snapshot 'v1' is of 2026-05-02",
               [] { check_models_of("v1", "2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z"); });
}

TEST(Names, TextIsUtf8) {
  check_text("it", "na\u00efve");
  expect_error(ErrorCode::kInvalidArgument, "it is no text of UTF-8",
               [] { check_text("it", "\xff"); });
}

}  // namespace
}  // namespace scrim
