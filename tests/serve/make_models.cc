// Writes a model repository of small TorchScript models for tests and benchmarks: make_models DIR
//
// `simple` and `identity_fp32` are twins of the models that the recorded answers come from;
// face_detection_* are the tail of the project's own detector.
#include <scrim/network.h>

#include "base/files.h"

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;

void write_config(const fs::path& folder, const std::string& text) {
  fs::create_directories(folder / "1");
  scrim::write_file_atomically(folder / "config.pbtxt", text);
}

void write_model(const fs::path& folder, const std::string& forward, const std::string& config) {
  torch::jit::Module module("model");
  module.define(forward);
  std::ostringstream bytes;
  module.save(bytes);
  write_config(folder, config);
  scrim::write_file_atomically(folder / "1" / "model.pt", bytes.str());
}

std::string tensor(const std::string& name, const std::string& type, const std::string& dims) {
  return "{ name: \"" + name + "\" data_type: TYPE_" + type + " dims: [" + dims + "] }";
}

std::string config(const std::string& inputs, const std::string& outputs, int batch,
                   const std::string& more = "") {
  return "platform: \"pytorch_libtorch\"\nmax_batch_size: " + std::to_string(batch) + "\ninput [" +
         inputs + "]\noutput [" + outputs + "]\n" + more;
}

void write_identity(const fs::path& folder, const std::string& type, const std::string& more = "") {
  write_model(folder, "def forward(self, INPUT0):\n  return INPUT0\n",
              config(tensor("INPUT0", type, "-1"), tensor("OUTPUT0", type, "-1"), 64, more));
}

// Takes a tenth of a second or so. What depends on no input would be computed once, when it loads.
void write_slow(const fs::path& folder, const std::string& more) {
  write_model(folder,
              "def forward(self, INPUT0):\n"
              "  x = torch.ones([300, 300]) * INPUT0.sum()\n"
              "  for i in range(6):\n"
              "    x = torch.mm(x, x) * 0.0\n"
              "  return INPUT0 + x[0, 0]\n",
              config(tensor("INPUT0", "FP32", "-1"), tensor("OUTPUT0", "FP32", "-1"), 8, more));
}

void write_faces(const fs::path& root, const fs::path& weights) {
  const auto network = scrim::Network::load(weights, {.split_point = "inception3"});
  for (const char* name : {"face_detection_base", "face_detection_noisy"}) {
    const fs::path folder = root / name;
    write_config(folder, config(tensor("INPUT__0", "FP32", "1, 128, 32, 32"),
                                tensor("OUTPUT__0", "FP32", "1, 21824, 4") + "," +
                                    tensor("OUTPUT__1", "FP32", "1, 21824, 2"),
                                0));
    network.export_torchscript(root / ".head.pt", folder / "1" / "model.pt");
  }
  fs::remove(root / ".head.pt");
}

void write_all(const fs::path& root, const fs::path& weights) {
  write_model(root / "simple",
              "def forward(self, INPUT0, INPUT1):\n  return INPUT0 + INPUT1, INPUT0 - INPUT1\n",
              config(tensor("INPUT0", "INT32", "16") + "," + tensor("INPUT1", "INT32", "16"),
                     tensor("OUTPUT0", "INT32", "16") + "," + tensor("OUTPUT1", "INT32", "16"), 8));
  write_identity(root / "identity_fp32", "FP32");
  write_faces(root, weights);
}

// What the recorded answers do not need.
void write_more(const fs::path& root) {
  for (const char* type : {"BOOL", "UINT8", "INT8", "INT16", "INT64", "FP16", "FP64", "BF16"}) {
    write_identity(root / ("identity_" + std::string(type)), type);
  }
  write_model(root / "strings",
              "def forward(self, INPUT0: List[str]):\n"
              "  return [s + '!' for s in INPUT0]\n",
              config(tensor("INPUT0", "STRING", "-1"), tensor("OUTPUT0", "STRING", "-1"), 0));
  write_slow(root / "slow", "");
  write_slow(root / "slow_queue_of_one",
             "dynamic_batching { default_queue_policy { max_queue_size: 1 } }");
  write_slow(root / "slow_timeout",
             "dynamic_batching { default_queue_policy { default_timeout_microseconds: 60000000 "
             "allow_timeout_override: true } }");
  write_identity(root / "batched", "FP32",
                 "dynamic_batching { preferred_batch_size: [4] max_queue_delay_microseconds: "
                 "2000000 }");
  write_model(root / "throws",
              "def forward(self, INPUT0):\n"
              "  assert False, 'a secret of the model'\n"
              "  return INPUT0\n",
              config(tensor("INPUT0", "FP32", "-1"), tensor("OUTPUT0", "FP32", "-1"), 0));
  write_identity(root / "warm", "FP32",
                 "model_warmup { name: \"zeros\" batch_size: 2 inputs { key: \"INPUT0\" value { "
                 "data_type: TYPE_FP32 dims: [4] zero_data: true } } }");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: make_models DIR WEIGHTS [--more]\n";
    return 2;
  }
  write_all(argv[1], argv[2]);
  if (argc > 3) write_more(argv[1]);
  return 0;
}
