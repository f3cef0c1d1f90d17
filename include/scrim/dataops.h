// Volumes of data, their snapshots and their clones, and the programs over them: the same verbs
// whatever keeps them.
//
// An engine keeps the objects of one namespace. Every verb changes what there is in one step or not
// at all. A process that is killed leaves the state of before or after, and the next run removes
// what it had begun, or ends it. The same create or clone a second time changes nothing.
#pragma once

#include <scrim/dataops_objects.h>
#include <scrim/status.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

class DataOps {
 public:
  virtual ~DataOps() = default;

  // An empty volume of `size` bytes, at least 1. Throws kInvalidArgument for a name or label that
  // is none, and where there is a volume of that name that was made otherwise.
  virtual Outcome<Volume> create_volume(const std::string& name, std::uint64_t size,
                                        const Labels& labels) = 0;
  // A volume that holds what `origin` holds and is independent of it. `size` is the origin's unless
  // given; a smaller one is refused (kInvalidArgument). Throws kNotFound without the origin.
  virtual Outcome<Volume> clone_volume(const std::string& name, const Origin& origin,
                                       std::optional<std::uint64_t> size, const Labels& labels) = 0;
  // Changes what the volume may hold. Throws kInvalidArgument below what it holds already.
  virtual Outcome<Volume> resize_volume(const std::string& name, std::uint64_t size) = 0;
  // Deletes a volume. Throws kRefused, naming them, while processes have files of it open.
  virtual void delete_volume(const std::string& name, Dependents dependents) = 0;
  virtual Volume volume(const std::string& name) = 0;
  virtual std::vector<Volume> volumes() = 0;  // by name

  // Without a name: VOLUME.YYYYMMDDHHMMSS, UTC.
  virtual Outcome<Snapshot> create_snapshot(const std::string& volume, const std::string& name,
                                            const Labels& labels) = 0;
  // Puts what the snapshot holds in the place of its volume's files, which are removed last; the
  // volume's labels and a larger size stay. A volume that is gone comes back. Throws kRefused,
  // naming them, while processes have files of the volume open.
  virtual Outcome<Volume> restore_snapshot(const std::string& name) = 0;
  virtual void delete_snapshot(const std::string& name) = 0;
  virtual Snapshot snapshot(const std::string& name) = 0;
  virtual std::vector<Snapshot> snapshots() = 0;  // by name

  // Nothing where the engine cannot know, as on a cluster.
  virtual std::optional<Usage> usage(const Origin& object) = 0;

  // Starts a server, which goes on when this process ends and is started again when its program
  // fails, and waits until it is ready. One that is there already is started if it is stopped.
  // Throws kNotFound without the volume or the program, kInvalidArgument for a server of that name
  // that was made otherwise, kUnavailable, with the program's last line, where it does not become
  // ready in time: then it is gone again.
  virtual Outcome<ServedVolume> create_server(const ServerPlan& plan) = 0;
  // Ends the program, which may answer what it has accepted; it keeps its port for the next start.
  virtual Outcome<ServedVolume> stop_server(const std::string& name) = 0;
  virtual Outcome<ServedVolume> start_server(const std::string& name) = 0;
  virtual void delete_server(const std::string& name) = 0;
  virtual ServedVolume server(const std::string& name) = 0;
  virtual std::vector<ServedVolume> servers() = 0;  // by name
  // A server with all that the server `from` has, over a clone of its models, volume server-NAME.
  virtual Outcome<ServedVolume> clone_server(const std::string& name, const std::string& from) = 0;
  // Puts other models in place of those that it serves: a volume, or a clone of a snapshot, volume
  // server-NAME.SNAPSHOT. Where it does not become ready with them the old ones come back, and
  // kUnavailable says so. Clones that earlier calls made for it go.
  virtual Outcome<ServedVolume> update_server(const std::string& name, const Origin& models) = 0;

  // A workspace, and the volume of its own. Otherwise as create_server; where it does not become
  // ready, the volume goes too if this call has made it.
  virtual Outcome<Workspace> create_workspace(const WorkspacePlan& plan) = 0;
  // One that begins with the files of `origin`, the volume of another workspace or a snapshot of
  // it, and has all that that has but its password; what `plan` gives is in the place of that.
  // Throws kInvalidArgument for the volume of no workspace.
  virtual Outcome<Workspace> clone_workspace(const WorkspacePlan& plan, const Origin& origin) = 0;
  virtual Outcome<Workspace> stop_workspace(const std::string& name) = 0;
  virtual Outcome<Workspace> start_workspace(const std::string& name) = 0;
  // With its own volume, whose snapshots are dealt with as delete_volume does.
  virtual void delete_workspace(const std::string& name, Dependents dependents) = 0;
  virtual Workspace workspace(const std::string& name) = 0;
  virtual std::vector<Workspace> workspaces() = 0;  // by name

  // Runs the cases one after another over the snapshot NAME.run of the volume, which the first run
  // of that name makes and which is kept, so that all see the same files. A second run of that name
  // goes on: what ended with 0 and has the same command is not run again. Throws kNotFound without
  // the volume or a program, kInvalidArgument for a run of that name over another volume, and
  // kUnavailable when it is stopped; what was done stays.
  virtual std::vector<RunResult> run(const RunPlan& plan) = 0;
  virtual std::vector<std::string> runs() = 0;  // names, sorted
  // With all results and its snapshot.
  virtual void delete_run(const std::string& name) = 0;

  // Copies what the target has not, and waits until that is done and compared; with a schedule it
  // is done again and again from then on. The same plan again runs again. A stop ends it. What
  // cannot be copied whole has at the target what was there before. Throws kNotFound without the
  // volume, its folder, the bucket, or anything in it; kRefused for wrong keys; kCorrupt, naming
  // the first, for files that differ afterwards; kInvalidArgument for another plan of that name.
  virtual Outcome<Transfer> create_transfer(const TransferPlan& plan) = 0;
  virtual Outcome<Transfer> run_transfer(
      const std::string& name) = 0;  // once more, from its record
  // And its schedule. What was copied stays.
  virtual void delete_transfer(const std::string& name) = 0;
  virtual Transfer transfer(const std::string& name) = 0;
  virtual std::vector<Transfer> transfers() = 0;  // by name

  virtual std::string space() const = 0;              // the namespace whose objects these are
  virtual std::vector<std::string> namespaces() = 0;  // sorted; "default" is always there
  // Returns whether it was not there. Throws kInvalidArgument for a name over 63 characters.
  virtual bool create_namespace(const std::string& name) = 0;
  // Throws kRefused while it holds volumes, snapshots, servers, workspaces or transfers, and for
  // "default".
  virtual void delete_namespace(const std::string& name) = 0;
};

struct LocalOptions {
  std::string space = "default";  // the namespace; there is no other one until it is created
  std::chrono::milliseconds timeout{30'000};  // for another process to let go of an object
  ProgressFn progress = {};                   // of copies
  std::stop_token stop = {};                  // ends a copy, and with it the verb
  bool dry_run = false;  // check everything, say what would be there, change nothing
  // A restore stops servers and workspaces over the volume, and starts them again.
  bool stops_users = false;
  // Called before each step that changes the disk, with what comes: to end a process there.
  std::function<void(std::string_view)> on_step = {};
};

// The volumes below a folder of this machine, which is made where there is none. On btrfs a volume
// is a subvolume, and a clone takes no time and no space; where files can share blocks (XFS), a
// clone takes time by the number of files; elsewhere it is a copy.
//
// Throws kInvalidArgument for a folder that holds other things, kNotFound for a namespace that is
// not there, kUnavailable where the folder cannot be written.
std::unique_ptr<DataOps> open_local(const std::filesystem::path& root, LocalOptions options = {});

// Makes a btrfs in one file, ROOT.btrfs, which grows as it fills, and mounts it at the root:
// clones take no time there, whatever the disk has. After a restart of the machine the same call
// mounts it again. Returns whether it changed anything. Throws kRefused without the rights of root,
// kInvalidArgument below 128 MiB, for a root that holds files, and where the image is of another
// size, kUnavailable where a program of the system's fails.
bool create_image_root(const std::filesystem::path& root, std::uint64_t size);
// Unmounts it and removes the file with all volumes. Throws kUnavailable while something uses it.
void delete_image_root(const std::filesystem::path& root);

struct ClusterOptions {
  std::string context = {};  // of the kubeconfig; empty: the pod's own account, or the current one
  std::string space = {};    // the namespace; empty: that of the context
  std::string storage_class = {};   // of new volumes; empty: of what they come from, or the default
  std::string snapshot_class = {};  // empty: the cluster's default
  std::string access_mode = {};     // "ReadWriteOnce" unless given, or that of what they come from
  std::chrono::milliseconds timeout{300'000};  // for the cluster to do what it was asked for
  bool wait = true;                            // until it has
  bool dry_run = false;                        // the cluster checks all and keeps nothing
  std::stop_token stop = {};
  std::function<void(const std::string&)> on_news = {};  // what it says while that takes long
  std::function<void(std::string_view)> on_step = {};    // as in LocalOptions
  // A restore stops deployments that use the volume, and starts them again.
  bool stops_users = false;
  std::filesystem::path results = {};  // of runs; empty: ~/.local/share/scrim-runs
};

// The volumes of a namespace on Kubernetes, through its API: claims (PersistentVolumeClaim), which
// a CSI driver serves, and its VolumeSnapshots. What the NetApp DataOps Toolkit made is read too.
// Throws kNotFound without a kubeconfig or the context.
std::unique_ptr<DataOps> open_cluster(ClusterOptions options = {});
// Whether it would find a cluster without being told a context.
bool has_cluster();
// What the API must allow for these commands ("create volume"), or for all: a List of a Role and a
// ClusterRole, as JSON. Throws kInvalidArgument for what is no command.
std::string cluster_roles(std::vector<std::string> commands, const std::string& space);

// "50Gi" as bytes, as Kubernetes writes quantities: a number above 0, and Ki Mi Gi Ti Pi Ei, or k M
// G T P E, or nothing; a fraction of a byte is rounded up. Throws kInvalidArgument.
std::uint64_t parse_size(std::string_view text);
// The shortest of those that is exact: 53687091200 is "50Gi".
std::string size_text(std::uint64_t bytes);

}  // namespace scrim
