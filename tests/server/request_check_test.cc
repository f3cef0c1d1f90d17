#include "server/request_check.h"

#include "protocol/expect_request_error.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

const ModelConfig& simple() {
  static const ModelConfig config = parse_model_config(simple_config(), "simple");
  return config;
}

ModelConfig config_of(const std::string& tensors, int batch = 0) {
  return parse_model_config("backend: 'pytorch' max_batch_size: " + std::to_string(batch) + " " +
                                tensors + " output { name: 'Y' data_type: TYPE_FP32 dims: 1 }",
                            "m");
}

void expect_refused(InferRequest request, const std::string& sentence,
                    const ModelConfig& config = simple()) {
  expect_request_error(RequestFault::kInvalid, sentence,
                       [&] { check_request(std::move(request), config); });
}

InferRequest with_shapes(std::vector<std::int64_t> a, std::vector<std::int64_t> b) {
  InferRequest request = simple_request(1, 1, 2);
  request.inputs[0].shape = std::move(a);
  request.inputs[1].shape = std::move(b);
  return request;
}

TEST(RequestCheck, InputsComeInTheConfigsOrderAndAllOutputsAreMeant) {
  InferRequest request = simple_request(2, 1, 2);
  std::swap(request.inputs[0], request.inputs[1]);
  request.binary_outputs = true;
  const CheckedRequest checked = check_request(std::move(request), simple());
  EXPECT_EQ(checked.batch, 2);
  ASSERT_EQ(checked.inputs.size(), 2U);
  EXPECT_EQ(checked.inputs[0].name, "INPUT0");
  ASSERT_EQ(checked.outputs.size(), 2U);
  EXPECT_EQ(checked.outputs[0].name, "OUTPUT0");
  EXPECT_TRUE(checked.outputs[0].binary);
}

TEST(RequestCheck, NamedOutputsStayAsTheyAre) {
  InferRequest request = simple_request(1, 1, 2);
  request.outputs = {{"OUTPUT1", 3, true}};
  const CheckedRequest checked = check_request(std::move(request), simple());
  ASSERT_EQ(checked.outputs.size(), 1U);
  EXPECT_EQ(checked.outputs[0].classes, 3);
}

TEST(RequestCheck, MissingInputsAreListed) {
  InferRequest request = simple_request(1, 1, 2);
  request.id = "7";
  request.inputs.pop_back();
  expect_refused(std::move(request),
                 "[request id: 7] expected 2 inputs but got 1 inputs for model 'simple'. Got "
                 "input(s) ['INPUT0'], but missing required input(s) ['INPUT1']. Please provide "
                 "all required input(s).");
}

TEST(RequestCheck, UnknownNamesAreRefused) {
  InferRequest request = simple_request(1, 1, 2);
  request.outputs = {{"NOPE", 0, false}};
  expect_refused(std::move(request), "unexpected inference output 'NOPE' for model 'simple'");
  request = simple_request(1, 1, 2);
  request.inputs[1].name = "NOPE";
  expect_refused(std::move(request), "unexpected inference input 'NOPE' for model 'simple'");
}

TEST(RequestCheck, ThreeInputsOfTwoAreTooMany) {
  InferRequest request = simple_request(1, 1, 2);
  request.inputs.push_back(rows("INPUT2", 1, 3));
  expect_refused(std::move(request), "expected 2 inputs but got 3 inputs");
}

// Section by section what the recorded answers say of shapes.
TEST(RequestCheck, ShapesThatDoNotFitAreNamedAsTheReferenceServerNamesThem) {
  const std::string note = "NOTE: Setting a non-zero max_batch_size";
  expect_refused(with_shapes({1, 17}, {1, 17}),
                 "unexpected shape for input 'INPUT1' for model 'simple'. Expected [-1,16], got "
                 "[1,17]. " +
                     note);
  expect_refused(with_shapes({16}, {16}), "inference request batch-size must be <= 8 for 'simple'");
  expect_refused(with_shapes({}, {}),
                 "input 'INPUT1' has no shape but model requires batch dimension for 'simple'");
  expect_refused(with_shapes({0, 16}, {0, 16}),
                 "inference request batch-size must be >= 1 for 'simple'");
  InferRequest nothing = with_shapes({0, 16}, {0, 16});
  nothing.inputs[1].bytes = {};
  expect_refused(std::move(nothing),
                 "input byte size mismatch for input 'INPUT1' for model 'simple'. Expected 64, got "
                 "0");
  expect_refused(simple_request(9, 1, 2), "inference request batch-size must be <= 8 for 'simple'");
  expect_refused(with_shapes({2, 16}, {1, 16}),
                 "input 'INPUT0' batch size does not match other inputs for 'simple'");
}

TEST(RequestCheck, ABatchOfNothingBesideAnotherIsRefused) {
  InferRequest request = with_shapes({2, 16}, {0, 16});
  request.inputs[0] = rows("INPUT0", 2, 1);
  request.inputs[1].bytes = {};
  expect_refused(std::move(request), "batch size does not match");
}

TEST(RequestCheck, TypesAndSizesMustFit) {
  InferRequest request = simple_request(1, 1, 2);
  request.inputs[0].datatype = Datatype::kFp32;
  expect_refused(std::move(request),
                 "inference input 'INPUT0' data-type is 'FP32', but model 'simple' expects "
                 "'INT32'");
  request = simple_request(1, 1, 2);
  request.inputs[0].bytes = TensorBytes::own(std::string(60, '\0'));
  expect_refused(std::move(request),
                 "input byte size mismatch for input 'INPUT0' for model 'simple'. Expected 64, got "
                 "60");
}

TEST(RequestCheck, WithoutBatchesShapesAreCompleteAndTheNoteIsAbsent) {
  const ModelConfig config = config_of("input { name: 'X' data_type: TYPE_INT32 dims: [1, -1] }");
  InferRequest request;
  request.inputs.push_back(tensor<std::int32_t>("X", Datatype::kInt32, {1, 3}, {1, 2, 3}));
  EXPECT_EQ(check_request(request, config).batch, 0);
  request.inputs[0].shape = {3, 1};
  expect_refused(request, "Expected [1,-1], got [3,1]. ", config);
}

TEST(RequestCheck, OptionalInputsMayBeAbsent) {
  const ModelConfig config = config_of(
      "input [{ name: 'X' data_type: TYPE_INT32 dims: 1 },"
      "{ name: 'Z' data_type: TYPE_INT32 dims: 1 optional: true }]");
  InferRequest request;
  request.inputs.push_back(tensor<std::int32_t>("X", Datatype::kInt32, {1}, {1}));
  EXPECT_EQ(check_request(request, config).inputs.size(), 1U);
  request.inputs[0].name = "Z";
  expect_refused(request, "expected number of inputs between 1 and 2 but got 1 inputs", config);
}

TEST(RequestCheck, ReshapedInputsAreWhatTheNetworkWants) {
  const ModelConfig config = config_of(
      "input { name: 'X' data_type: TYPE_INT32 dims: [4, -1] reshape { shape: [2, 2, -1] } }", 4);
  InferRequest request;
  request.inputs.push_back(
      tensor<std::int32_t>("X", Datatype::kInt32, {1, 4, 3}, std::vector<std::int32_t>(12)));
  const CheckedRequest checked = check_request(request, config);
  EXPECT_EQ(checked.inputs[0].shape, std::vector<std::int64_t>({1, 2, 2, 3}));
}

TEST(RequestCheck, StringsAreCountedAndMeasured) {
  const ModelConfig config = config_of("input { name: 'X' data_type: TYPE_STRING dims: 2 }");
  const auto request = [](const std::string& bytes) {
    InferRequest result;
    result.inputs.resize(1);
    result.inputs[0].name = "X";
    result.inputs[0].datatype = Datatype::kBytes;
    result.inputs[0].shape = {2};
    result.inputs[0].bytes = TensorBytes::own(bytes);
    return result;
  };
  const std::string one("\1\0\0\0a", 5);
  EXPECT_NO_THROW(check_request(request(one + one), config));
  expect_refused(request(one),
                 "expected 2 string elements for inference input 'X' for model 'm', "
                 "got 1",
                 config);
  expect_refused(request(one + one + one),
                 "unexpected number of string elements 3 for inference input 'X' for model 'm', "
                 "expecting 2",
                 config);
  expect_refused(request(one + one.substr(0, 2)),
                 "incomplete string length indicator for inference input 'X' for model 'm', "
                 "expecting 4 bytes but only 2 bytes available",
                 config);
  expect_refused(request(one + one.substr(0, 4)), "incomplete string data", config);
}

}  // namespace
}  // namespace scrim
