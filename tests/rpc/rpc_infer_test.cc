#include "rpc/rpc_infer.h"

#include "protocol/expect_request_error.h"
#include "rpc/rpc_client.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

using inference::ModelInferRequest;

// One input X of a type, and where its elements go.
ModelInferRequest typed_request(const std::string& datatype) {
  ModelInferRequest request;
  request.set_model_name("m");
  auto& input = *request.add_inputs();
  input.set_name("X");
  input.set_datatype(datatype);
  input.add_shape(2);
  input.mutable_contents();
  return request;
}

inference::InferTensorContents& contents_of(ModelInferRequest& request) {
  return *request.mutable_inputs(0)->mutable_contents();
}

void expect_refused_as(RequestFault fault, const std::string& sentence,
                       const ModelInferRequest& request) {
  expect_request_error(fault, sentence, [&] { infer_request_of(request); });
}

TEST(RpcInfer, RawContentsAreBorrowed) {
  const ModelInferRequest message = simple_call(1, 2, "seven");
  const InferRequest request = infer_request_of(message);
  EXPECT_EQ(request.id, "seven");
  ASSERT_EQ(request.inputs.size(), 2U);
  EXPECT_EQ(request.inputs[1].bytes.view().data(), message.raw_input_contents(1).data());
  EXPECT_EQ(request.inputs[1].shape, std::vector<std::int64_t>({1, 16}));
  EXPECT_TRUE(request.binary_outputs);
}

TEST(RpcInfer, EveryTypeIsPackedFromItsField) {
  const auto packed = [](const std::string& datatype, const auto& fill) {
    ModelInferRequest request = typed_request(datatype);
    fill(contents_of(request));
    return std::string(infer_request_of(request).inputs[0].bytes.view());
  };
  using Contents = inference::InferTensorContents;
  const auto ints = [](Contents& c) { c.add_int_contents(-3), c.add_int_contents(100); };
  EXPECT_EQ(packed("INT8", ints), bytes_of(std::vector<std::int8_t>({-3, 100})));
  EXPECT_EQ(packed("INT16", ints), bytes_of(std::vector<std::int16_t>({-3, 100})));
  EXPECT_EQ(packed("INT32", ints), bytes_of(std::vector<std::int32_t>({-3, 100})));
  EXPECT_EQ(packed("INT64", [](Contents& c) { c.add_int64_contents(1L << 40); }),
            bytes_of(std::vector<std::int64_t>({1L << 40})));
  const auto uints = [](Contents& c) { c.add_uint_contents(7), c.add_uint_contents(200); };
  EXPECT_EQ(packed("UINT8", uints), bytes_of(std::vector<std::uint8_t>({7, 200})));
  EXPECT_EQ(packed("UINT16", uints), bytes_of(std::vector<std::uint16_t>({7, 200})));
  EXPECT_EQ(packed("UINT32", uints), bytes_of(std::vector<std::uint32_t>({7, 200})));
  EXPECT_EQ(packed("UINT64", [](Contents& c) { c.add_uint64_contents(~0UL); }),
            bytes_of(std::vector<std::uint64_t>({~0UL})));
  EXPECT_EQ(packed("FP32", [](Contents& c) { c.add_fp32_contents(0.1F); }),
            bytes_of(std::vector<float>({0.1F})));
  EXPECT_EQ(packed("FP64", [](Contents& c) { c.add_fp64_contents(0.1); }),
            bytes_of(std::vector<double>({0.1})));
  EXPECT_EQ(packed("BOOL", [](Contents& c) { c.add_bool_contents(true); }), std::string("\1", 1));
  EXPECT_EQ(packed("BYTES", [](Contents& c) { c.add_bytes_contents("ab"); }),
            std::string("\2\0\0\0ab", 6));
}

TEST(RpcInfer, AnElementOutOfRangeIsRefusedAndNotCut) {
  ModelInferRequest request = typed_request("INT8");
  contents_of(request).add_int_contents(128);
  expect_refused_as(RequestFault::kInvalid, "an element of input 'X' is out of the range of INT8",
                    request);
  request = typed_request("UINT16");
  contents_of(request).add_uint_contents(65536);
  expect_refused_as(RequestFault::kInvalid, "out of the range of UINT16", request);
}

TEST(RpcInfer, DataMustBeThereOnceAndOfTheType) {
  ModelInferRequest request = typed_request("INT32");
  request.mutable_inputs(0)->clear_contents();
  expect_refused_as(RequestFault::kInvalid,
                    "unable to find data for input tensor 'X' for model 'm' in request.", request);
  request = typed_request("INT32");
  contents_of(request).add_fp32_contents(1);
  expect_refused_as(RequestFault::kInvalid,
                    "unexpected explicit tensor data for input tensor 'X' for model 'm' of type "
                    "'FP32', expected datatype 'INT32'",
                    request);
  request = typed_request("INT32");
  contents_of(request).add_int_contents(1);
  request.add_raw_input_contents("abcd");
  expect_refused_as(RequestFault::kInvalid,
                    "contents field must not be specified when using raw_input_contents for 'X' "
                    "for model 'm'",
                    request);
  request = simple_call(1, 2);
  request.add_raw_input_contents("more");
  expect_refused_as(RequestFault::kInvalid, "there are 3 raw_input_contents and only 2 inputs",
                    request);
  request = simple_call(1, 2);
  request.mutable_inputs(1)->set_name("INPUT0");
  expect_refused_as(RequestFault::kInvalid, "input 'INPUT0' already exists in request", request);
}

TEST(RpcInfer, ATypeThatIsNoneIsLeftToTheCheckAgainstTheModel) {
  EXPECT_EQ(infer_request_of(typed_request("X")).inputs[0].datatype, Datatype::kInvalid);
}

TEST(RpcInfer, ParametersWithAMeaningHaveOneType) {
  ModelInferRequest request = simple_call(1, 2);
  auto& parameters = *request.mutable_parameters();
  parameters["priority"].set_uint64_param(3);
  parameters["timeout"].set_int64_param(250);
  parameters["sequence_start"].set_bool_param(true);
  parameters["mine"].set_string_param("x");
  parameters["ratio"].set_double_param(0.5);
  const InferRequest read = infer_request_of(request);
  EXPECT_EQ(read.priority, 3U);
  EXPECT_EQ(read.timeout_microseconds, 250U);
  EXPECT_EQ(std::get<std::string>(read.parameters.at("mine")), "x");
  EXPECT_EQ(std::get<double>(read.parameters.at("ratio")), 0.5);

  parameters["timeout"].set_string_param("soon");
  expect_refused_as(RequestFault::kInvalid,
                    "invalid value type for 'timeout' parameter, expected int64_param.", request);
  parameters["timeout"].set_int64_param(-1);
  expect_refused_as(RequestFault::kInvalid, "invalid value for 'timeout', expected value >= 0.",
                    request);
  parameters.erase("timeout");
  parameters["triton_other"].set_bool_param(true);
  expect_refused_as(RequestFault::kInvalid, "reserved for Triton usage", request);
  parameters.erase("triton_other");
  parameters["empty"];
  expect_refused_as(RequestFault::kInvalid, "parameter 'empty' has no value", request);
}

TEST(RpcInfer, SharedMemoryIsNotServed) {
  ModelInferRequest request = simple_call(1, 2);
  (*request.mutable_inputs(0)->mutable_parameters())["shared_memory_region"].set_string_param("r");
  expect_refused_as(RequestFault::kUnsupported, "input 'INPUT0' is in shared memory", request);
  request = simple_call(1, 2);
  auto& output = *request.add_outputs();
  output.set_name("OUTPUT0");
  (*output.mutable_parameters())["shared_memory_region"].set_string_param("r");
  expect_refused_as(RequestFault::kUnsupported, "output 'OUTPUT0' is in shared memory", request);
}

TEST(RpcInfer, OutputsMayAskForClasses) {
  ModelInferRequest request = simple_call(1, 2);
  auto& output = *request.add_outputs();
  output.set_name("OUTPUT0");
  (*output.mutable_parameters())["classification"].set_int64_param(2);
  EXPECT_EQ(infer_request_of(request).outputs.at(0).classes, 2);
  (*output.mutable_parameters())["classification"].set_int64_param(-2);
  expect_refused_as(RequestFault::kInvalid, "'classification', expected value >= 0", request);
}

TEST(RpcInfer, AResponseCarriesItsBytesBehindItsTensors) {
  InferResponse response{"m", "3", "id", {{"flag", true}, {"n", std::int64_t{-2}}}, {}};
  response.outputs.push_back(tensor<float>("Y", Datatype::kFp32, {1, 2}, {1, 2}));
  const auto message = message_of(response);
  EXPECT_EQ(message.model_version(), "3");
  EXPECT_EQ(message.id(), "id");
  EXPECT_TRUE(message.parameters().at("flag").bool_param());
  EXPECT_EQ(message.parameters().at("n").int64_param(), -2);
  EXPECT_EQ(message.outputs(0).datatype(), "FP32");
  EXPECT_EQ(message.outputs(0).shape(1), 2);
  EXPECT_EQ(message.raw_output_contents(0), bytes_of(std::vector<float>({1, 2})));
}

}  // namespace
}  // namespace scrim
