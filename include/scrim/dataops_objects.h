// What the data operations keep: volumes of data and their snapshots; servers, workspaces, runs and
// transfers over them. The verbs are in dataops.h.
//
// Names are those of Kubernetes (RFC 1123): lower case letters, digits, '-' and '.', at most 253
// characters; a volume and a snapshot may share one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

using Labels = std::map<std::string, std::string>;

enum class ObjectKind { kVolume, kSnapshot };
std::string_view name(ObjectKind kind);  // "volume" or "snapshot"

// What an object was made from. It may be gone since.
struct Origin {
  ObjectKind kind;
  std::string name;
};

// A folder of files.
struct Volume {
  std::string name;
  std::uint64_t size = 0;             // bytes that it may hold, as asked for
  std::string created;                // UTC, "2026-05-01T12:34:56Z"
  std::optional<Origin> origin = {};  // of a clone; of a restored volume, the snapshot
  Labels labels = {};
  std::filesystem::path path = {};  // where its files are, on this machine
  // Of a cluster: what its claim says, as in "Bound", "Pending" or "Terminating".
  std::string storage_class = {}, state = {};
};

// The files of a volume at one moment. It stays when the volume goes.
struct Snapshot {
  std::string name;
  std::string volume;
  std::uint64_t size = 0;  // of the volume at that moment
  std::string created;
  Labels labels = {};
  std::filesystem::path path = {};
  // Of a cluster: the class of its volume; "Ready", "Pending" or "Failed".
  std::string storage_class = {}, state = {};
};

// What is there after a verb, and whether the verb changed anything.
template <typename Object>
struct Outcome {
  Object object;
  bool changed = true;
  std::string how = {};  // how files came there: "subvolume", "reflink" or "copy"; else empty
};

// How much a volume or a snapshot holds.
struct Usage {
  std::uint64_t bytes = 0;  // of its files; blocks that clones share count in each
  std::uint64_t files = 0;
};

// What stands in the way of deleting a volume.
enum class Dependents {
  kRefuse,   // throw kRefused, naming the snapshots
  kCascade,  // delete the snapshots too
  kKeep,     // the snapshots stay, and can still be cloned
};

// An inference server over a volume of models: its program, and where it listens.
struct ServerPlan {
  std::string name;
  std::string volume;                    // the model repository
  std::string program = "scrim-server";  // found on the PATH; of Triton's flags
  std::vector<std::string> flags = {};   // after those that the engine gives
  std::uint16_t http_port = 0;           // of this machine; 0: one that is free
  // Of a cluster. Without an image it is Triton's, as of the NetApp DataOps Toolkit.
  std::string image = {};
  int replicas = 1;
  std::string service = "NodePort";  // or "LoadBalancer", "ClusterIP"
  Labels resources = {};             // "cpu", "memory", "nvidia.com/gpu": how much
};

enum class ProgramState { kReady, kStarting, kStopped };
std::string_view name(ProgramState state);  // "ready", "starting" or "stopped"

struct ServedVolume {
  std::string name;
  std::string volume;
  ProgramState state = ProgramState::kStopped;
  std::string http = {}, grpc = {}, metrics = {};  // "HOST:PORT"; empty where nobody listens
  long process = 0;  // of the program on this machine; 0 while it is stopped
  std::string created = {};
  std::filesystem::path log = {};  // on this machine
};

// A volume as a program sees it: at `path` of its container; on this machine, where a program sees
// all files, as a link of the path's last name in the folder where it works.
struct Mount {
  std::string volume;
  std::string path;  // "/home/jovyan/data"
  bool operator==(const Mount&) const = default;
};

// A place to work: a program with a page of its own, over a volume of its own, workspace-NAME.
struct WorkspacePlan {
  std::string name;
  std::uint64_t size = 0;  // of its own volume
  std::vector<Mount> mounts = {};
  // JupyterLab unless given. In its words "{port}" and "{folder}" stand for where it has to listen
  // and where its own files are.
  std::vector<std::string> command = {};
  Labels environment = {};      // variables of the program
  std::string password = {};    // of JupyterLab; empty: a token is drawn, which the URL holds
  std::uint16_t http_port = 0;  // of this machine; 0: one that is free
  // Of a cluster. Without an image it is one of Jupyter's, with PyTorch.
  std::string image = {};
  std::string folder = {};  // where its own volume is; empty: /home/jovyan
  std::string service = "NodePort";
  Labels resources = {};  // as in ServerPlan
  bool tls = true;
  std::string tls_secret = {};  // of type kubernetes.io/tls; empty: one is made, and stays
};

struct Workspace {
  std::string name;
  std::string volume;  // its own
  ProgramState state = ProgramState::kStopped;
  std::string url = {};  // empty where nobody listens; with the token for who may read it
  std::vector<Mount> mounts = {};
  long process = 0;  // as of ServedVolume
  std::string created = {};
  std::filesystem::path log = {};
};

// A program that is run over the files of a snapshot.
struct RunCase {
  std::string name;                  // "clean", "alpha-0.8": its results are kept under it
  std::vector<std::string> command;  // "{data}" in a word stands for the folder of the files
};

struct RunResult {
  std::string name;
  int exit_code = 0;  // 128 + N for a program that signal N ended
  double seconds = 0;
  bool changed = true;                // false: it had ended well in an earlier run
  std::filesystem::path output, log;  // what it wrote to stdout, and to stderr
};

struct RunPlan {
  std::string name;
  std::string volume;
  std::vector<RunCase> cases;
  // Called with each line of a program's stderr while it runs; may be empty.
  std::function<void(const std::string& name, const std::string& line)> on_line = {};
  // A file of this machine that "{key}" in a word stands for. A cluster has it, as a secret, only
  // while the run goes on.
  std::filesystem::path key = {};
  // Of a cluster: the image that holds the programs, and what each case gets.
  std::string image = {};
  Labels resources = {};
};

// A store of Amazon's S3 protocol, and who asks there.
struct S3Store {
  std::string endpoint = {};                     // "https://HOST:PORT"; empty: Amazon's own
  std::string region = {};                       // empty: the store's first
  std::string access_key = {}, secret_key = {};  // never in a command line
  std::string ca = {};      // certificates to trust in place of the system's, as PEM
  std::string secret = {};  // of a cluster, in place of the keys: a Secret that holds them
};

enum class TransferDirection { kDownload, kUpload };  // into the volume, out of it

// Files that are copied between a folder of a volume and a bucket.
struct TransferPlan {
  std::string name;
  std::string volume;
  std::string folder = {};  // below it, or the file; empty: all of it
  std::string bucket;
  std::string prefix = {};  // "a/b", or the key of the object; empty: all of it
  TransferDirection direction = TransferDirection::kDownload;
  bool object = false;     // one object, and one file
  bool sync = false;       // what the source has not is deleted at the target
  bool verify = true;      // compare source and target afterwards
  std::string every = {};  // "30m", "1h", "1d"; empty: once
  S3Store store = {};
  // Of a cluster.
  std::string image = {};
  Labels resources = {};  // as in ServerPlan
};

enum class TransferState { kRunning, kDone, kFailed, kScheduled };
std::string_view name(TransferState state);  // "running", "done", "failed" or "scheduled"

struct Transfer {
  std::string name;
  std::string volume;
  std::string from, to;  // "s3://BUCKET/PREFIX" and "VOLUME/FOLDER", or the other way round
  TransferState state = TransferState::kDone;  // of one with a schedule, kScheduled after kDone
  std::string every = {};
  std::uint64_t bytes = 0, files = 0;  // that the last run moved
  std::string created = {}, ended = {};
  std::filesystem::path log = {};  // on this machine
};

}  // namespace scrim
