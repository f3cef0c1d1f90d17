// scrim export: a network as TorchScript files, alone or as a model of an inference server.
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"
#include "obfuscation.h"

#include <scrim/network.h>
#include <scrim/repository.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

struct ExportFlags {
  std::string weights;
  std::string output;
  std::string repository;
  std::string model;
  std::int64_t version = 1;
  bool clean = false;
  std::string wire = "fp32";
  std::vector<double> alphas;
  NetworkOptions options;
};

// Writes head.pt and tail.pt into the folder and returns what they are, in words.
std::string write_pair(const ExportFlags& flags, const fs::path& folder, const Session& session) {
  if (is_release(flags.weights)) {
    const Release release = Release::open(flags.weights);
    fs::copy_file(release.head(), folder / "head.pt");
    fs::copy_file(release.tail(), folder / "tail.pt");
    session.log << "Between the two belongs the noise: what head.pt returns must not be sent.\n";
    return "head.pt and tail.pt of release " + release.id().substr(0, 12);
  }
  const Network network = load_network(flags.weights, flags.options);
  network.export_torchscript(folder / "head.pt", folder / "tail.pt");
  session.log << "This pair is the clean network. A release comes from 'scrim learn'.\n";
  return "head.pt and tail.pt of " + network.model() + ", cut after " + flags.options.split_point;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw Error(ErrorCode::kUnavailable, "'" + path.string() + "' cannot be read");
  return text.str();
}

// What a tail takes and gives, found by running it on pictures of two sizes: what stays the same is
// the network's, what does not is the request's.
void describe(const Network& network, std::int64_t stride, ServedNetwork& served) {
  std::vector<Shape> inputs, outputs[2];
  for (const std::int64_t cells : {4, 6}) {
    Tensor picture{{1, 3, cells * stride, cells * stride}, {}};
    picture.values.resize(static_cast<std::size_t>(element_count(picture.shape)));
    const Activation activation = network.head(picture);
    auto& shapes = outputs[inputs.size()];
    inputs.push_back(activation.tensor.shape);
    for (const Tensor& one : network.tail(activation)) shapes.push_back(one.shape);
  }
  served.inputs = {{"INPUT__0", {-1, inputs[0].at(1), -1, -1}}};
  for (std::size_t i = 0; i < outputs[0].size(); ++i) {
    Shape dims = outputs[0][i];
    for (std::size_t d = 0; d < dims.size(); ++d) {
      if (d == 0 || dims[d] != outputs[1].at(i).at(d)) dims[d] = -1;
    }
    served.outputs.push_back({"OUTPUT__" + std::to_string(i), dims});
  }
}

// The task with what its tail expects behind it: "face_detection_noisy".
std::string model_name(const std::string& task, const char* kind) {
  std::string name = task + "_" + kind;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

// The release's tail in `scratch` for codes of the wire, which hold at one alpha.
void fill_wire(const ExportFlags& flags, const Release& release, const fs::path& scratch,
               ServedNetwork& served) {
  const double alpha = flags.alphas.empty() ? only_alpha(release) : flags.alphas.front();
  served.network = scratch / "tail.pt";
  served.model += "_" + flags.wire;
  served.inputs.clear();
  for (const WireInput& input :
       export_wire_tail(release, alpha, wire_type(flags.wire), served.network)) {
    const std::string name = "INPUT__" + std::to_string(served.inputs.size());
    served.inputs.push_back({name, {-1, input.directions, -1, -1}, input.datatype});
  }
  for (ServedTensor& output : served.outputs) output.datatype = "FP16";
  char text[32];
  served.parameters["scrim_wire"] = flags.wire;
  served.parameters["scrim_alpha"] = {text, std::to_chars(text, std::end(text), alpha).ptr};
}

// A release's tail, which takes what its noise returned.
std::string fill_noisy(const ExportFlags& flags, const fs::path& scratch, ServedNetwork& served) {
  const Release release = Release::open(flags.weights);
  served.network = release.tail();
  served.model = model_name(release.manifest().task, "noisy");
  served.parameters = {{"scrim_release", release.id()},
                       {"scrim_contract", text_of(release.folder() / "server/contract.json")}};
  describe(Network::load(release.head(), release.tail()), release.manifest().stride, served);
  std::string what = "the tail of release " + release.id().substr(0, 12);
  if (flags.wire == "fp32") return what;
  fill_wire(flags, release, scratch, served);
  return what + " for " + flags.wire + " of alpha " + served.parameters["scrim_alpha"];
}

// The clean network's tail, written into `scratch`: the release's own or that of weights.
std::string fill_clean(const ExportFlags& flags, const fs::path& scratch, ServedNetwork& served) {
  constexpr std::int64_t kStride = 32;
  std::optional<Release> release;
  if (is_release(flags.weights)) release = Release::open(flags.weights);
  const Network network =
      release ? clean_network(*release) : load_network(flags.weights, flags.options);
  served.network = scratch / "tail.pt";
  network.export_torchscript(scratch / "head.pt", served.network);
  served.parameters = {{"scrim_clean", "true"}};
  if (release) served.parameters["scrim_release"] = release->id();
  const char* task = network.model() == "classifier" ? "classification" : "face-detection";
  served.model = model_name(release ? release->manifest().task : task, "base");
  describe(network, release ? release->manifest().stride : kStride, served);
  return "the clean tail of " +
         (release ? "release " + release->id().substr(0, 12) : network.model());
}

int write_model(const ExportFlags& flags, const Session& session) {
  ServedNetwork served;
  const ScratchFolder scratch;
  const bool clean = flags.clean || !is_release(flags.weights);
  const std::string what =
      clean ? fill_clean(flags, scratch.path(), served) : fill_noisy(flags, scratch.path(), served);
  served.version = flags.version;
  if (!flags.model.empty()) served.model = flags.model;
  if (clean) {
    session.log << "This model takes clean activations: whoever serves it sees what they hold.\n";
  }
  const auto folder = add_to_repository(flags.repository, served);
  session.out << folder.string() << "  " << what << ", version " << served.version << "\n";
  session.log << "Serve it with: scrim-server --model-repository " << flags.repository << "\n";
  return 0;
}

}  // namespace

Action declare_export(CLI::App& app) {
  const auto flags = make_flags<ExportFlags>();
  app.add_option("WEIGHTS|RELEASE", flags->weights,
                 "safetensors, TorchScript, or a release folder");
  app.add_option("--split-point", flags->options.split_point,
                 "the module whose output crosses the cut")
      ->type_name("NAME");
  app.add_option("--output", flags->output, "a new folder for head.pt and tail.pt")
      ->type_name("FOLDER");
  app.add_option("--repository", flags->repository,
                 "a folder of models for a server: the tail becomes one of them")
      ->type_name("FOLDER");
  app.add_option("--model", flags->model,
                 "its name there; face_detection_noisy and its like by default")
      ->type_name("NAME");
  app.add_option("--version", flags->version, "its version there")->type_name("N");
  app.add_option("--wire", flags->wire,
                 "with --repository: what the model takes: fp32, fp16 or int8")
      ->type_name("TYPE");
  declare_alphas(app, flags->alphas, "with --wire fp16 or int8: its alpha [the only one]");
  app.add_flag("--clean", flags->clean,
               "the clean network of the release, for comparison: face_detection_base");
  return [flags](const Session& session) {
    require(!flags->weights.empty(), "name the weights to export");
    require(flags->output.empty() != flags->repository.empty(),
            "one of --output (a folder for head.pt and tail.pt) and --repository (a folder of "
            "models) is needed");
    require(!flags->clean || !flags->repository.empty(), "--clean needs --repository");
    require(wire_type(flags->wire) == WireType::kFp32 ||
                (!flags->repository.empty() && is_release(flags->weights) && !flags->clean),
            "--wire ", flags->wire, " needs a release, --repository, and no --clean");
    require(flags->alphas.empty() || (flags->alphas.size() == 1 && flags->wire != "fp32"),
            "one --alpha belongs to --wire fp16 or int8");
    if (!flags->repository.empty()) return write_model(*flags, session);
    NewFolder folder(flags->output);
    session.out << flags->output << "  " << write_pair(*flags, folder.path(), session) << "\n";
    folder.keep();
    return 0;
  };
}

}  // namespace scrim::cli
