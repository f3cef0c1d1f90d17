// A cluster for the tests of the engine: the one of SCRIM_TEST_KUBECONFIG, whose provisioner keeps
// the files of volumes in SCRIM_TEST_VOLUMES, or else one in memory. A namespace for each test.
#pragma once

#include <scrim/dataops.h>

#include "base/files.h"
#include "cluster/cluster_double.h"
#include "kube/api.h"
#include "kube/kubeconfig.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace scrim {

inline constexpr std::uint64_t kGibi = std::uint64_t{1} << 30;
inline const Origin kData{ObjectKind::kVolume, "data"};
inline const Origin kBaseline{ObjectKind::kSnapshot, "baseline"};

// What a step that is "killed" throws: nothing catches it on its way, as nothing runs after a kill.
struct Killed {};

class ClusterFixture : public testing::Test {
 protected:
  ClusterFixture() {
    if (const char* file = std::getenv("SCRIM_TEST_KUBECONFIG")) {
      ::setenv("KUBECONFIG", file, 1);
      folders_ = std::getenv("SCRIM_TEST_VOLUMES");
    } else {
      cluster_double = std::make_unique<ClusterDouble>();
      write_file_atomically(
          folder_ / "config",
          "{current-context: c, contexts: [{name: c, context: {cluster: c}}], clusters: "
          "[{name: c, cluster: {server: \"" +
              cluster_double->server.url() + "\"}}]}");
      ::setenv("KUBECONFIG", (folder_ / "config").c_str(), 1);
      for (const char* name : {"folders", "late", "unclonable", "broken"}) {
        api().create(kStorageClasses,
                     {{"metadata", {{"name", name}}},
                      {"volumeBindingMode",
                       name == std::string("late") ? "WaitForFirstConsumer" : "Immediate"}});
      }
    }
    new_space();
  }

  // From here on in a namespace of its own.
  void new_space() {
    static int count = 0;
    options.space = "t-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    open_cluster()->create_namespace(options.space);
  }

  std::unique_ptr<DataOps> engine() const { return open_cluster(options); }
  // One that is killed before its step of that number, from 1.
  std::unique_ptr<DataOps> engine_killed_at(int step) const {
    ClusterOptions killed = options;
    killed.on_step = [step, count = 0](std::string_view) mutable {
      if (++count == step) throw Killed();
    };
    return open_cluster(killed);
  }
  std::unique_ptr<DataOps> engine_killed_before(const std::string& step) const {
    ClusterOptions killed = options;
    killed.on_step = [step](std::string_view what) {
      if (what == step) throw Killed();
    };
    return open_cluster(killed);
  }
  // Calls `verb(engine)` with an engine that is killed at its first step, its second, and so on
  // until it is not; before each a namespace that `prepare` fills, after each `ends_well`.
  void kill_at_every_step(const std::function<void()>& prepare,
                          const std::function<void(DataOps&)>& verb,
                          const std::function<void()>& ends_well) {
    constexpr int kMostSteps = 30;
    for (int step = 1; step <= kMostSteps; ++step) {
      SCOPED_TRACE(step);
      new_space();
      prepare();
      bool killed = false;
      try {
        verb(*engine_killed_at(step));
      } catch (const Killed&) {
        killed = true;
      }
      verb(*engine());
      ends_well();
      if (HasFatalFailure()) return;
      if (!killed) {
        EXPECT_GT(step, 1);
        return;
      }
    }
    ADD_FAILURE() << "never came to an end";
  }

  Api api() const {
    return Api(read_kubeconfig(kubeconfig_files()), {.space = options.space, .manager = "test"});
  }

  std::string bound_volume(const std::string& claim) const {
    return text_at(*api().find(kVolumeClaims, claim), "spec.volumeName");
  }
  void put(const std::string& claim, const std::string& text) {
    const std::string volume = bound_volume(claim);
    if (cluster_double) {
      cluster_double->contents[volume] = text;
    } else {
      write_file_atomically(std::filesystem::path(folders_) / volume / "file", text);
    }
  }
  std::string get(const std::string& claim) const {
    const std::string volume = bound_volume(claim);
    if (cluster_double) return cluster_double->contents[volume];
    const auto file = std::filesystem::path(folders_) / volume / "file";
    return std::filesystem::exists(file) ? read_file(file) : "";
  }
  // A volume "data" that holds "one".
  void make_data() {
    engine()->create_volume("data", kGibi, {});
    put("data", "one");
  }
  // A pod that has a volume mounted, as far as the cluster knows.
  void make_pod(const std::string& name, const std::string& claim) {
    api().create(
        kPods,
        {{"metadata", {{"name", name}}},
         {"spec",
          {{"nodeName", "somewhere"},
           {"automountServiceAccountToken", false},
           {"containers", {{{"name", "c"}, {"image", "none"}}}},
           {"volumes", {{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", claim}}}}}}}}});
  }

  ClusterOptions options{.timeout = std::chrono::seconds(20)};
  std::unique_ptr<ClusterDouble> cluster_double;

 private:
  TemporaryFolder folder_;
  std::string folders_;
};

}  // namespace scrim
