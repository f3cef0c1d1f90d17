// The server beside the network that it serves, in one run: what a call costs, how many there can
// be, and how long the slowest wait.
//
// usage: bench_serving_bench [SECONDS]     of each load; 60 for the long one if none are given
#include "load.h"

#include <scrim/client.h>
#include <scrim/network.h>
#include <scrim/repository.h>
#include <scrim/server.h>

#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "rpc/inference_service.grpc.pb.h"

#include <grpcpp/create_channel.h>
#include <sys/wait.h>
#include <torch/csrc/jit/api/module.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <thread>

namespace scrim {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kTailModel = "face_detection_base";
constexpr const char* kSmallModel = "simple";
constexpr std::int64_t kElements = 16;
const Shape kReport = {1, 128, 32, 32};  // what the tech report's client sends

Tensor random_tensor(const Shape& shape) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  Tensor tensor{shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)))};
  for (float& value : tensor.values) value = normal(random);
  return tensor;
}

double median_ms(int runs, const std::function<void()>& run) {
  for (int i = 0; i < 5; ++i) run();
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    run();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::ranges::nth_element(times, times.begin() + runs / 2);
  return times[static_cast<std::size_t>(runs / 2)];
}

// The tail of the shipped weights, and sum and difference of two tensors of 16 integers.
class Models {
 public:
  explicit Models(fs::path folder) : folder_(std::move(folder)) {
    fs::create_directories(folder_ / "models" / kSmallModel / "1");
    const Network network = Network::load(SCRIM_SHARE "/faceboxes.safetensors", {.threads = 1});
    network.export_torchscript(folder_ / "head.pt", folder_ / "tail.pt");
    ServedNetwork served;
    served.model = kTailModel;
    served.network = folder_ / "tail.pt";
    served.inputs = {{"INPUT__0", {-1, 128, -1, -1}}};
    served.outputs = {{"OUTPUT__0", {-1, -1, 4}}, {"OUTPUT__1", {-1, -1, 2}}};
    add_to_repository(folder_ / "models", served);
    write_small();
  }
  ~Models() { fs::remove_all(folder_); }

  fs::path repository() const { return folder_ / "models"; }
  static Network halves(const fs::path& folder) {
    return Network::load(folder / "head.pt", folder / "tail.pt", {.threads = 1});
  }

 private:
  void write_small() const {
    std::ofstream(folder_ / "models" / kSmallModel / "config.pbtxt")
        << "backend: 'pytorch' max_batch_size: 8 "
           "input [{ name: 'INPUT0' data_type: TYPE_INT32 dims: 16 },"
           "{ name: 'INPUT1' data_type: TYPE_INT32 dims: 16 }] "
           "output [{ name: 'OUTPUT0' data_type: TYPE_INT32 dims: 16 },"
           "{ name: 'OUTPUT1' data_type: TYPE_INT32 dims: 16 }]";
    torch::jit::Module module("Simple");
    module.define(
        "def forward(self, INPUT0, INPUT1):\n  return INPUT0 + INPUT1, INPUT0 - INPUT1\n");
    module.save((folder_ / "models" / kSmallModel / "1" / "model.pt").string());
  }

  fs::path folder_;
};

void row(const std::string& what, double value, const std::string& unit,
         const std::string& beside = "") {
  std::cout << std::left << std::setw(58) << what << std::right << std::setw(10) << std::fixed
            << std::setprecision(value < 100 ? 3 : 0) << value << " " << std::left << std::setw(10)
            << unit << beside << "\n"
            << std::flush;
}

std::string ratio(const char* name, double value, double limit) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << name << " " << value << ", wanted " << limit;
  return text.str();
}

// The tech report's call, one client, loopback.
void bench_call(const Network& network, std::uint16_t port) {
  const std::string address = "localhost:" + std::to_string(port);
  const Tensor activation = random_tensor(kReport);
  const Activation clean{activation};
  Client binary(address);
  Client json(address, {.json = true});
  constexpr int kRuns = 41;
  const double bare = median_ms(kRuns, [&] { network.tail(clean); });
  const double by_bytes = median_ms(kRuns, [&] { binary.infer_clean(kTailModel, activation); });
  const double by_text = median_ms(kRuns, [&] { json.infer_clean(kTailModel, activation); });
  row("bare prepared tail, [1,128,32,32], one thread", bare, "ms");
  row("the same call over HTTP, binary", by_bytes, "ms",
      ratio("(x - 1 ms) / bare", (by_bytes - 1) / bare, 1.3));
  row("the same call over HTTP, JSON", by_text, "ms", ratio("x / binary", by_text / by_bytes, 2.5));
  const Inference sent = json.infer_clean(kTailModel, activation);
  row("bytes sent, binary",
      static_cast<double>(binary.infer_clean(kTailModel, activation).bytes_sent), "B");
  row("bytes sent, JSON", static_cast<double>(sent.bytes_sent), "B");
}

// The report's input; borrows from `activation`.
TensorMessage report_input(const Tensor& activation) {
  TensorMessage input;
  input.name = "INPUT__0";
  input.shape = kReport;
  input.bytes = TensorBytes::borrow({reinterpret_cast<const char*>(activation.values.data()),
                                     activation.values.size() * sizeof(float)});
  return input;
}

// What the server alone spends on the text of 131,072 floats each way.
void bench_json() {
  const Tensor activation = random_tensor(kReport);
  InferRequest request;
  const TensorMessage input = report_input(activation);
  request.inputs = {input};
  const HttpBody body = format_infer_request(request);
  InferResponse response{kTailModel, "1", "", {}, {input}};
  constexpr int kRuns = 41;
  const double read =
      median_ms(kRuns, [&] { parse_infer_request(body.bytes, body.json_length, kTailModel); });
  const double written = median_ms(kRuns, [&] { format_infer_response(response); });
  const double again = median_ms(kRuns, [&] { format_infer_request(request); });
  row("reading 131,072 floats of JSON", read, "ms");
  row("writing 131,072 floats of JSON, the reference's digits", written, "ms",
      ratio("read + written", read + written, 12));
  row("writing them in nine digits, as the client asks for", again, "ms");
}

std::string http_call(const char* model, InferRequest request) {
  for (TensorMessage& input : request.inputs) input.binary = true;
  request.binary_outputs = true;
  const HttpBody body = format_infer_request(request);
  return "POST /v2/models/" + std::string(model) +
         "/infer HTTP/1.1\r\nHost: localhost\r\nInference-Header-Content-Length: " +
         std::to_string(*body.json_length) +
         "\r\nContent-Length: " + std::to_string(body.bytes.size()) + "\r\n\r\n" + body.bytes;
}

std::string small_request() {
  InferRequest request;
  for (const char* name : {"INPUT0", "INPUT1"}) {
    TensorMessage input;
    input.name = name;
    input.datatype = Datatype::kInt32;
    input.shape = {1, kElements};
    input.bytes = TensorBytes::own(std::string(kElements * sizeof(std::int32_t), '\1'));
    request.inputs.push_back(std::move(input));
  }
  return http_call(kSmallModel, std::move(request));
}

std::string tail_request() {
  const Tensor activation = random_tensor(kReport);
  InferRequest request;
  request.inputs = {report_input(activation)};
  return http_call(kTailModel, std::move(request));
}

void report_load(const std::string& what, const LoadResult& result) {
  row(what, result.per_second(), "infer/s",
      "p50 " + std::to_string(result.quantile(0.5)) + " ms, p99 " +
          std::to_string(result.quantile(0.99)) + " ms, " + std::to_string(result.errors) +
          " errors");
}

constexpr double kWanted = 6000;  // calls a second

// As much as there can be, then the waits at 70 % of it, and at 70 % of what is wanted: close to
// the most, the load takes its core from the server.
void bench_load(const std::string& what, std::uint16_t port, const std::string& request,
                double seconds) {
  LoadOptions options{.port = port, .request = request, .connections = 16, .seconds = 1};
  load(options);
  options.seconds = seconds;
  const LoadResult most = load(options);
  report_load(what, most);
  const double calm_rate = 0.7 * std::min(most.per_second(), kWanted);
  for (const double rate : {0.7 * most.per_second(), calm_rate}) {
    options.rate = rate;
    const LoadResult calm = load(options);
    report_load("  the same at " + std::to_string(static_cast<int>(rate)) + " a second", calm);
    row("  p99 / p50", calm.quantile(0.99) / calm.quantile(0.5), "", "wanted 5");
    if (most.per_second() < kWanted) break;
  }
}

void bench_small_grpc(std::uint16_t port, double seconds) {
  constexpr int kThreads = 16;
  inference::ModelInferRequest request;
  request.set_model_name(kSmallModel);
  for (const char* name : {"INPUT0", "INPUT1"}) {
    auto* input = request.add_inputs();
    input->set_name(name);
    input->set_datatype("INT32");
    input->add_shape(1);
    input->add_shape(kElements);
    request.add_raw_input_contents(std::string(kElements * sizeof(std::int32_t), '\1'));
  }
  std::atomic<std::uint64_t> answers = 0, errors = 0;
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        while (Clock::now() < end) {
          grpc::ClientContext context;
          inference::ModelInferResponse response;
          ++(stub->ModelInfer(&context, request, &response).ok() ? answers : errors);
        }
      });
    }
  }
  row("16 integers over gRPC, 16 callers (wanted 4,500)", static_cast<double>(answers) / seconds,
      "infer/s", std::to_string(errors) + " errors");
}

// The server in a process of its own, so that its memory is its own: forked before either side has
// a thread.
class ServerProcess {
 public:
  ServerProcess() {
    if (::pipe(ready_) != 0 || ::pipe(end_) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) serve();
    ::close(ready_[1]);
    ::close(end_[0]);
    if (::read(ready_[0], &ports_, sizeof(ports_)) != sizeof(ports_)) std::abort();
  }
  ~ServerProcess() {
    ::close(end_[1]);
    ::waitpid(pid_, nullptr, 0);
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  std::uint16_t http() const { return ports_[0]; }
  std::uint16_t grpc() const { return ports_[1]; }
  const fs::path& folder() const { return folder_; }

  double resident_mib() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    }
    return 0;
  }

 private:
  [[noreturn]] void serve() {
    ::close(end_[1]);
    {
      const Models models(folder_);
      ServerOptions options;
      options.model_repositories = {models.repository()};
      options.http_port = options.grpc_port = 0;
      options.metrics_port.reset();
      options.http_threads = 2;
      const Server server(options);
      const std::uint16_t ports[] = {*server.http_port(), *server.grpc_port()};
      if (::write(ready_[1], ports, sizeof(ports)) != sizeof(ports)) std::abort();
      char byte = 0;
      [[maybe_unused]] const auto closed = ::read(end_[0], &byte, 1);
    }
    std::_Exit(0);
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("scrim-serving-bench-" + std::to_string(::getpid()));
  int ready_[2], end_[2];
  pid_t pid_ = 0;
  std::uint16_t ports_[2];
};

void bench_many(const ServerProcess& server, double seconds) {
  LoadOptions options{
      .port = server.http(), .request = small_request(), .connections = 256, .seconds = 10};
  load(options);
  const double before = server.resident_mib();
  options.seconds = seconds;
  report_load("256 connections for " + std::to_string(static_cast<int>(seconds)) + " s",
              load(options));
  row("  memory of the server before", before, "MiB");
  row("  and after", server.resident_mib(), "MiB");
}

int run(double seconds, double long_seconds) {
  const ServerProcess server;
  std::cout << std::thread::hardware_concurrency() << " cores, shared by server and load\n";
  bench_call(Models::halves(server.folder()), server.http());
  bench_json();
  bench_load("16 integers over HTTP, 16 connections (wanted 6,000)", server.http(), small_request(),
             seconds);
  bench_load("[1,128,32,32] over HTTP, 16 connections", server.http(), tail_request(), seconds);
  bench_small_grpc(server.grpc(), seconds);
  bench_many(server, long_seconds);
  return 0;
}

}  // namespace
}  // namespace scrim

int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::strtod(arguments[1], nullptr) : 0;
  return scrim::run(seconds > 0 ? seconds : 10, seconds > 0 ? seconds : 60);
}
