#include "cluster/objects.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

ApiObject parsed_object(const char* text) { return parse_sorted_json(text, "an object"); }

TEST(Objects, WhatAClaimAsksForIsReadBack) {
  const Origin origin{ObjectKind::kSnapshot, "baseline"};
  const ApiObject claim = claim_for({.name = "data",
                                     .size = std::uint64_t{3} << 29,
                                     .storage_class = "fast",
                                     .access_mode = "ReadWriteMany",
                                     .labels = {{"team", "vision"}},
                                     .origin = origin});
  EXPECT_EQ(text_at(claim, "spec.resources.requests.storage"), "1536Mi");
  EXPECT_EQ(text_at(claim, "spec.dataSource.apiGroup"), "snapshot.storage.k8s.io");
  const Volume volume = volume_of(claim);
  EXPECT_EQ(volume.name, "data");
  EXPECT_EQ(volume.size, std::uint64_t{3} << 29);
  EXPECT_EQ(volume.storage_class, "fast");
  EXPECT_EQ(volume.labels, Labels({{"team", "vision"}}));
  EXPECT_EQ(volume.origin->name, "baseline");
  EXPECT_EQ(volume.origin->kind, ObjectKind::kSnapshot);
  EXPECT_EQ(access_mode_of(claim), "ReadWriteMany");
}

TEST(Objects, AClaimWithoutAClassLeavesItToTheCluster) {
  const ApiObject claim = claim_for({.name = "data", .size = 1, .access_mode = "ReadWriteOnce"});
  EXPECT_FALSE(claim.at("spec").contains("storageClassName"));
  EXPECT_FALSE(claim.at("spec").contains("dataSource"));
  EXPECT_FALSE(claim.at("metadata").contains("labels"));
}

TEST(Objects, WhatACloneCameFromIsFoundHoweverItWasMade) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"metadata":{"annotations":{"scrim-dataops/origin":"volume/a"}},
           "spec":{"dataSource":{"kind":"VolumeSnapshot","name":"temporary"}}})",
       "volume 'a'"},
      {R"({"spec":{"dataSource":{"kind":"VolumeSnapshot","name":"s"}}})", "snapshot 's'"},
      {R"({"spec":{"dataSource":{"kind":"PersistentVolumeClaim","name":"v"}}})", "volume 'v'"},
      {R"({"metadata":{"labels":{"source-pvc":"old"}}})", "volume 'old'"},
      {R"({"spec":{"dataSource":{"kind":"Other","name":"x"}}})", "nothing"},
      {"{}", "nothing"}};
  for (const auto& [claim, from] : cases) {
    const auto origin = volume_of(parsed_object(claim)).origin;
    EXPECT_EQ(origin ? std::string(name(origin->kind)) + " '" + origin->name + "'" : "nothing",
              from);
  }
}

TEST(Objects, WhatIsNotThereYetIsNoError) {
  for (const char* text : {"{}", R"({"metadata":{},"spec":{},"status":{}})",
                           R"({"metadata":null,"spec":null,"status":null})",
                           R"({"status":{"readyToUse":"yes","restoreSize":7}})"}) {
    const ApiObject object = parsed_object(text);
    EXPECT_EQ(volume_of(object).state, "Pending") << text;
    EXPECT_EQ(volume_of(object).size, 0U);
    EXPECT_EQ(snapshot_of(object).state, "Pending");
    EXPECT_EQ(snapshot_of(object).size, 0U);
    EXPECT_EQ(access_mode_of(object), "");
    EXPECT_EQ(note_of(object, "a") + label_of(object, "a") + name_of(object) + uid_of(object), "");
  }
}

TEST(Objects, OnlyAConditionThatIsTrueIsOne) {
  const ApiObject object = parsed_object(
      R"({"status":{"phase":"Bound","conditions":[{"type":"A","status":"True"},
                                                  {"type":"B","status":"False"}]}})");
  EXPECT_TRUE(has_condition(object, "A"));
  EXPECT_FALSE(has_condition(object, "B"));
  EXPECT_FALSE(has_condition(object, "C"));
  EXPECT_FALSE(has_condition(parsed_object("{}"), "A"));
  EXPECT_TRUE(is_bound(object));
  EXPECT_FALSE(is_bound(parsed_object("{}")));
}

TEST(Objects, ASnapshotSaysHowItIs) {
  const Snapshot ready = snapshot_of(parsed_object(
      R"({"metadata":{"name":"s","creationTimestamp":"2026-01-01T00:00:00Z",
                      "annotations":{"scrim-dataops/size":"2Gi",
                                     "scrim-dataops/storage-class":"fast"}},
          "spec":{"source":{"persistentVolumeClaimName":"data"}},
          "status":{"readyToUse":true,"restoreSize":"1Gi",
                    "creationTime":"2026-01-02T00:00:00Z"}})"));
  EXPECT_EQ(ready.state, "Ready");
  EXPECT_EQ(ready.volume, "data");
  EXPECT_EQ(ready.size, std::uint64_t{2} << 30);
  EXPECT_EQ(ready.created, "2026-01-02T00:00:00Z");
  EXPECT_EQ(ready.storage_class, "fast");
  EXPECT_EQ(snapshot_of(parsed_object(R"({"status":{"readyToUse":false,"error":{}}})")).state,
            "Failed");
  EXPECT_EQ(volume_of(parsed_object(R"({"metadata":{"deletionTimestamp":"x"},
                                        "status":{"phase":"Bound"}})"))
                .state,
            "Terminating");
}

}  // namespace
}  // namespace scrim
