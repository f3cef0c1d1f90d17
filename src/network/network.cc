#include <scrim/network.h>

#include "base/check.h"
#include "base/files.h"
#include "base/hash.h"
#include "network/conversions.h"
#include "network/export.h"
#include "network/faceboxes.h"
#include "network/run_script.h"
#include "network/script_cut.h"
#include "network/script_file.h"
#include "network/small_classifier.h"
#include "network/threads.h"
#include "network/torch_error.h"
#include "network/wire_tail.h"
#include "release/wire_layout.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>

namespace scrim {
namespace {

constexpr const char* kHead = "the head";
constexpr const char* kTail = "the tail";
constexpr const char* kDefaultSplitPoint = "inception3";

void check_options(const NetworkOptions& options) {
  check(options.threads >= 1, "threads must be at least 1, got ", options.threads);
}

// OpenMP keeps the number of threads for each calling thread: one that the caller started later has
// to be told as well.
void use_threads(int wanted) {
  const int threads = allowed_threads(wanted);
  if (at::get_num_threads() != threads) at::set_num_threads(threads);
}

at::Tensor single(const std::vector<at::Tensor>& outputs, const char* what) {
  if (outputs.size() != 1) {
    fail(ErrorCode::kUnsupported, what, " returns ", outputs.size(),
         " tensors; exactly one may cross the cut");
  }
  return outputs[0];
}

std::vector<Tensor> copies_of(const std::vector<at::Tensor>& outputs, const char* what) {
  std::vector<Tensor> copies;
  for (const at::Tensor& output : outputs) copies.push_back(copy_of(output, what));
  return copies;
}

RunNetwork make_ready(const torch::jit::Module& script, const NetworkOptions& options,
                      const char* what) {
  return options.prepared ? prepared_script(script, what) : plain_script(script, what);
}

// A part of a release, as its manifest knows it: what was swapped after opening does not run.
torch::jit::Module script_of(const Release& release, const std::filesystem::path& path,
                             const std::string& name) {
  const std::string bytes = read_file(path);
  const auto known = release.manifest().files.find(name);
  if (known == release.manifest().files.end() || hex(sha256(bytes)) != known->second) {
    fail(ErrorCode::kCorrupt, "'", path.string(),
         "' is not the part that the release was sealed with");
  }
  return parse_script(bytes, "'" + path.string() + "'");
}

// The two halves as the tensor library's modules, the layers as published: nothing is folded.
RunNetwork plain_head(const FaceBoxes& network, const std::string& split_point) {
  return [network = network, split_point](const at::Tensor& input) mutable {
    const torch::NoGradGuard no_grad;
    return std::vector<at::Tensor>{network->head(input, split_point)};
  };
}

RunNetwork plain_tail(const FaceBoxes& network, const std::string& split_point) {
  return [network = network, split_point](const at::Tensor& activation) mutable {
    const torch::NoGradGuard no_grad;
    const auto [loc, conf] = network->tail(activation, split_point);
    return std::vector<at::Tensor>{loc, torch::softmax(conf, 2)};
  };
}

}  // namespace

struct Network::Impl {
  NetworkOptions options;
  std::string model;
  std::vector<std::string> classes;
  torch::jit::Module head_script, tail_script;
  RunNetwork head, tail;

  // Channels of the input that the network demands; 0 if any.
  std::int64_t input_channels = 0;

  // The file's network, whichever it is.
  static std::shared_ptr<const Impl> of_weights(const std::filesystem::path& path,
                                                NetworkOptions options);
  static std::shared_ptr<const Impl> of_faceboxes(FaceBoxes network, const NetworkOptions& options);
  static std::shared_ptr<const Impl> of_classifier(const SmallClassifier& network,
                                                   const NetworkOptions& options);
  static std::shared_ptr<const Impl> of_scripts(const ScriptHalves& halves,
                                                const NetworkOptions& options);

  at::Tensor run_head(const Tensor& input) const {
    const at::Tensor view = view_of(input, "the network's input");
    check(input_channels == 0 || view.size(1) == input_channels, "the network's input must have ",
          input_channels, " channels, got ", view.size(1));
    use_threads(options.threads);
    return single(head(view), kHead);
  }
};

std::shared_ptr<const Network::Impl> Network::Impl::of_weights(const std::filesystem::path& path,
                                                               NetworkOptions options) {
  const Safetensors weights = read_safetensors(path);
  const bool classifier = holds_small_classifier(weights);
  if (options.split_point.empty()) {
    options.split_point = classifier ? SmallClassifierImpl::kDefaultSplitPoint : kDefaultSplitPoint;
  }
  return classifier ? of_classifier(small_classifier_of(weights, path), options)
                    : of_faceboxes(faceboxes_of(weights, path), options);
}

std::shared_ptr<const Network::Impl> Network::Impl::of_faceboxes(FaceBoxes network,
                                                                 const NetworkOptions& options) {
  network->eval();
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->model = "faceboxes";
  impl->input_channels = 3;
  impl->head_script = script_head(network, options.split_point);
  impl->tail_script = script_tail(network, options.split_point);
  impl->head = options.prepared ? prepared_script(impl->head_script, kHead)
                                : plain_head(network, options.split_point);
  impl->tail = options.prepared ? prepared_script(impl->tail_script, kTail)
                                : plain_tail(network, options.split_point);
  return impl;
}

std::shared_ptr<const Network::Impl> Network::Impl::of_classifier(const SmallClassifier& network,
                                                                  const NetworkOptions& options) {
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->model = "classifier";
  impl->classes = network->class_names();
  impl->input_channels = 3;
  impl->head_script = script_head(network, options.split_point);
  impl->tail_script = script_tail(network, options.split_point);
  impl->head = make_ready(impl->head_script, options, kHead);
  impl->tail = make_ready(impl->tail_script, options, kTail);
  return impl;
}

std::shared_ptr<const Network::Impl> Network::Impl::of_scripts(const ScriptHalves& halves,
                                                               const NetworkOptions& options) {
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->model = "torchscript";
  impl->head_script = halves.head;
  impl->tail_script = halves.tail;
  impl->head = make_ready(halves.head, options, kHead);
  impl->tail = make_ready(halves.tail, options, kTail);
  return impl;
}

Network Network::load(const std::filesystem::path& weights, NetworkOptions options) {
  check_options(options);
  if (weights.extension() == ".safetensors") return Network(Impl::of_weights(weights, options));
  if (options.split_point.empty()) options.split_point = kDefaultSplitPoint;
  const torch::jit::Module whole = load_script(weights);
  return Network(Impl::of_scripts(cut_script(whole, options.split_point), options));
}

Network Network::load(const std::filesystem::path& head, const std::filesystem::path& tail,
                      NetworkOptions options) {
  check_options(options);
  return Network(Impl::of_scripts({load_script(head), load_script(tail)}, options));
}

std::vector<Tensor> Network::operator()(const Tensor& input) const {
  return copies_of(impl_->tail(impl_->run_head(input)), kTail);
}

Activation Network::head(const Tensor& input) const {
  return {copy_of(impl_->run_head(input), kHead)};
}

std::vector<Tensor> Network::tail(const Activation& clean_activation) const {
  const at::Tensor view = view_of(clean_activation.tensor, "the activation");
  use_threads(impl_->options.threads);
  return copies_of(impl_->tail(view), kTail);
}

const NetworkOptions& Network::options() const { return impl_->options; }

const std::string& Network::model() const { return impl_->model; }

const std::vector<std::string>& Network::classes() const { return impl_->classes; }

void Network::export_torchscript(const std::filesystem::path& head,
                                 const std::filesystem::path& tail) const {
  save_script(impl_->head_script, head);
  save_script(impl_->tail_script, tail);
}

struct Head::Impl {
  NetworkOptions options;
  std::string release_id;
  std::int64_t directions = 0;
  std::int64_t input_channels = 0;
  RunNetwork run;
};

Head Head::open(const Release& release, NetworkOptions options) {
  check_options(options);
  options.split_point = release.manifest().split_point;
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->release_id = release.id();
  impl->directions = release.noise().directions;
  impl->input_channels = static_cast<std::int64_t>(release.manifest().input.mean.size());
  impl->run = make_ready(script_of(release, release.head(), "client/head.pt"), options, kHead);
  return Head(std::move(impl));
}

Activation Head::operator()(const Tensor& input) const {
  const at::Tensor view = view_of(input, "the head's input");
  check(view.size(1) == impl_->input_channels, "the head's input must have ", impl_->input_channels,
        " channels, got ", view.size(1));
  use_threads(impl_->options.threads);
  const at::Tensor activation = single(impl_->run(view), kHead);
  if (activation.dim() != 4 || activation.size(1) != impl_->directions) {
    fail(ErrorCode::kCorrupt, "the release's head gave ", shape_text(activation.sizes().vec()),
         ", the release declares N x ", impl_->directions, " x H x W");
  }
  return {copy_of(activation, kHead), impl_->release_id};
}

struct Tail::Impl {
  NetworkOptions options;
  std::string release_id;
  std::int64_t directions = 0;
  RunNetwork run;
};

Tail Tail::open(const Release& release, NetworkOptions options) {
  check_options(options);
  options.split_point = release.manifest().split_point;
  auto impl = std::make_shared<Impl>();
  impl->options = options;
  impl->release_id = release.id();
  impl->directions = release.noise().directions;
  impl->run = make_ready(script_of(release, release.tail(), "server/tail.pt"), options, kTail);
  return Tail(std::move(impl));
}

std::vector<WireInput> export_wire_tail(const Release& release, double alpha, WireType wire,
                                        const std::filesystem::path& path) {
  check(wire != WireType::kFp32, "a wire of fp32 needs no other tail than the release's own");
  const std::vector<double>& alphas = release.noise().alphas;
  const auto row = std::ranges::find(alphas, alpha);
  check(row != alphas.end(), "the release was not calibrated for alpha ", alpha);
  const auto tensors = wire_tensors(
      wire_planes(release.noise(), static_cast<std::size_t>(row - alphas.begin()), wire));
  const auto tail = script_of(release, release.tail(), "server/tail.pt");
  save_script(script_wire_tail(tail, tensors, release.noise().directions), path);
  std::vector<WireInput> inputs;
  for (const WireTensor& tensor : tensors) {
    constexpr std::array kNames = {"FP32", "FP16", "INT8", "INT16"};
    inputs.push_back({kNames[static_cast<std::size_t>(tensor.code)],
                      static_cast<std::int64_t>(tensor.planes.size())});
  }
  return inputs;
}

std::vector<Tensor> Tail::operator()(const NoisyActivation& noisy_activation) const {
  check(noisy_activation.release_id() == impl_->release_id, "the noisy activation is of release ",
        noisy_activation.release_id().substr(0, 12), ", the tail of ",
        impl_->release_id.substr(0, 12));
  const at::Tensor view = view_of(noisy_activation.tensor(), "the noisy activation");
  check(view.size(1) == impl_->directions, "the noisy activation must have ", impl_->directions,
        " channels, got ", view.size(1));
  use_threads(impl_->options.threads);
  return copies_of(impl_->run(view), kTail);
}

}  // namespace scrim
