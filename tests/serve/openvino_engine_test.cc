#include "serve/openvino_engine.h"

#include <scrim/client.h>
#include <scrim/server.h>

#include "serve/torchscript_engine.h"
#include "server/small_models.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/types.h>
#include <openvino/openvino.hpp>
#include <openvino/opsets/opset8.hpp>

namespace scrim {
namespace {

namespace op = ov::opset8;

std::unique_ptr<Engine> open_engine(const std::string& backend, const ModelConfig& config,
                                    const std::filesystem::path& file, std::string& log) {
  Engines engines;
  add_openvino_engines(engines, [&log](const std::string& line) { log += line; });
  return engines.at(backend)(config, file);
}

std::string image_config(const std::string& backend) {
  return "backend: '" + backend +
         "' input { name: 'X' data_type: TYPE_FP32 dims: [-1, 3, -1, -1] } "
         "output { name: 'Y' data_type: TYPE_FP32 dims: [-1, 4, -1, -1] }";
}

// The same small network for both libraries: convolution, ReLU, pool.
struct SameNetwork {
  SameNetwork() {
    torch::manual_seed(1);
    weight = torch::randn({4, 3, 3, 3});
    bias = torch::randn({4});
    torch::jit::Module module("m");
    module.register_attribute("training", c10::BoolType::get(), false);
    module.register_parameter("weight", weight, false);
    module.register_parameter("bias", bias, false);
    module.define(
        "def forward(self, X):\n"
        "  y = torch.conv2d(X, self.weight, self.bias, [1, 1], [1, 1])\n"
        "  return torch.max_pool2d(torch.relu(y), [2, 2], [2, 2])\n");
    module.save((folder / "model.pt").string());
    write_ir();
  }

  void write_ir() const {
    const auto x =
        std::make_shared<op::Parameter>(ov::element::f32, ov::PartialShape{-1, 3, -1, -1});
    const auto w = op::Constant::create(ov::element::f32, {4, 3, 3, 3}, weight.data_ptr<float>());
    const auto b = op::Constant::create(ov::element::f32, {1, 4, 1, 1}, bias.data_ptr<float>());
    const auto y =
        std::make_shared<op::Convolution>(x, w, ov::Strides{1, 1}, ov::CoordinateDiff{1, 1},
                                          ov::CoordinateDiff{1, 1}, ov::Strides{1, 1});
    const auto relu = std::make_shared<op::Relu>(std::make_shared<op::Add>(y, b));
    const auto pool =
        std::make_shared<op::MaxPool>(relu, ov::Strides{2, 2}, ov::Strides{1, 1}, ov::Shape{0, 0},
                                      ov::Shape{0, 0}, ov::Shape{2, 2});
    x->get_output_tensor(0).set_names({"X"});
    pool->get_output_tensor(0).set_names({"Y"});
    const auto model =
        std::make_shared<ov::Model>(ov::OutputVector{pool->output(0)}, ov::ParameterVector{x});
    ov::save_model(model, (folder / "model.xml").string(), /*compress_to_fp16=*/false);
  }

  TemporaryFolder folder;
  torch::Tensor weight, bias;
};

TEST(OpenVinoEngine, AnswersAsTorchScriptToWithinRounding) {
  const SameNetwork network;
  std::string log;
  const ModelConfig theirs = parse_model_config(image_config("openvino"), "m");
  const ModelConfig ours = parse_model_config(image_config("pytorch"), "m");
  const auto openvino = open_engine("openvino", theirs, network.folder / "model.xml", log);
  const auto torchscript =
      torchscript_engines([](const std::string&) {})(ours, network.folder / "model.pt");
  for (const std::int64_t side : {8, 12, 8}) {
    std::vector<float> values(static_cast<std::size_t>(2 * 3 * side * side));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));
    const std::vector<TensorMessage> inputs = {
        tensor("X", Datatype::kFp32, {2, 3, side, side}, values)};
    const TensorMessage got = std::move(openvino->run(inputs).at(0));
    const TensorMessage expected = std::move(torchscript->run(inputs).at(0));
    EXPECT_EQ(got.name, "Y");
    ASSERT_EQ(got.shape, expected.shape);
    const auto a = values_of<float>(got.bytes.view()), b = values_of<float>(expected.bytes.view());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4F);
  }
  EXPECT_EQ(log, "");
}

TEST(OpenVinoEngine, IsChosenByTheBackendOfAConfig) {
  const SameNetwork network;
  const TemporaryFolder root;
  std::filesystem::create_directories(root / "m" / "1");
  for (const char* name : {"model.xml", "model.bin"}) {
    std::filesystem::copy_file(network.folder / name, root / "m" / "1" / name);
  }
  write_file_atomically(root / "m" / "config.pbtxt", image_config("openvino"));
  ServerOptions options;
  options.model_repositories = {root.path()};
  options.http_port = 0;
  options.grpc_port.reset();
  options.metrics_port.reset();
  const Server server(options);
  Client client("localhost:" + std::to_string(*server.http_port()));
  const Tensor zeros{{1, 3, 2, 2}, std::vector<float>(12)};
  const Tensor output = client.infer_clean("m", zeros).outputs.at(0);
  ASSERT_EQ(output.shape, Shape({1, 4, 1, 1}));
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_NEAR(output.values[k], std::max(0.0F, network.bias.data_ptr<float>()[k]), 1e-5F);
  }
}

// A field of a protobuf message, as ONNX files hold them: a number, or bytes.
std::string field(int number, std::uint64_t value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};  // both below 128
}
std::string field(int number, const std::string& bytes) {
  std::string text = {static_cast<char>((number << 3) | 2), static_cast<char>(bytes.size())};
  return text + bytes;
}

// Y = |X|, for floats of any length.
std::string abs_onnx() {
  const auto value = [](const std::string& name) {
    const std::string shape = field(1, field(2, "N"));
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)));
  };
  const std::string node = field(1, "X") + field(2, "Y") + field(4, "Abs");
  const std::string graph =
      field(1, node) + field(2, "g") + field(11, value("X")) + field(12, value("Y"));
  return field(1, 8) + field(7, graph) + field(8, field(2, 13));
}

TEST(OpenVinoEngine, OnnxFilesAreServedAsTheBackendOfTheirName) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "model.onnx", abs_onnx());
  const ModelConfig config = parse_model_config(
      "backend: 'onnxruntime' input { name: 'X' data_type: TYPE_FP32 dims: -1 } "
      "output { name: 'Y' data_type: TYPE_FP32 dims: -1 }",
      "m");
  std::string log;
  const auto engine = open_engine("onnxruntime", config, folder / "model.onnx", log);
  const auto outputs =
      engine->run({tensor("X", Datatype::kFp32, {3}, std::vector<float>{-1, 2, -3})});
  EXPECT_EQ(values_of<float>(outputs.at(0).bytes.view()), std::vector<float>({1, 2, 3}));
}

TEST(OpenVinoEngine, FailuresSayNothingOfTheMachineAndAreLogged) {
  const SameNetwork network;
  std::string log;
  write_file_atomically(network.folder / "junk.xml", "junk");
  const ModelConfig config = parse_model_config(image_config("openvino"), "m");
  expect_error(ErrorCode::kInternal, "model 'm' has no file that can be opened",
               [&] { open_engine("openvino", config, network.folder / "junk.xml", log); });
  EXPECT_NE(log, "");
  ModelConfig other = config;
  other.outputs[0].name = "Z";
  expect_error(ErrorCode::kInternal, "model 'm' has no file that can be opened",
               [&] { open_engine("openvino", other, network.folder / "model.xml", log); });
  other = config;
  other.outputs[0].datatype = Datatype::kInt32;
  const auto engine = open_engine("openvino", other, network.folder / "model.xml", log);
  const auto run = [&](std::vector<std::int64_t> shape) {
    std::size_t count = 1;
    for (const std::int64_t dimension : shape) count *= static_cast<std::size_t>(dimension);
    engine->run({tensor("X", Datatype::kFp32, std::move(shape), std::vector<float>(count))});
  };
  expect_error(ErrorCode::kInternal, "model 'm' failed while it ran", [&] { run({1, 3, 4, 4}); });
  expect_error(ErrorCode::kInternal, "model 'm' failed while it ran", [&] { run({1, 2, 4, 4}); });
  other.outputs[0].datatype = Datatype::kBytes;
  expect_error(ErrorCode::kInvalidArgument, "the backend openvino has no BYTES",
               [&] { open_engine("openvino", other, network.folder / "model.xml", log); });
}

}  // namespace
}  // namespace scrim
