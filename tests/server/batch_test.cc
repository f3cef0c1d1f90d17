#include "server/batch.h"

#include "server/small_models.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

CheckedRequest checked_request(std::int64_t batch, std::int32_t value) {
  CheckedRequest request;
  request.batch = batch;
  request.inputs.push_back(rows("INPUT0", batch, value));
  return request;
}

TEST(Batch, InputsStandOneBehindTheOther) {
  CheckedRequest a = checked_request(1, 5), b = checked_request(2, 6);
  const auto inputs = joined_inputs({&a, &b});
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_EQ(inputs[0].shape, std::vector<std::int64_t>({3, 16}));
  const auto values = values_of<std::int32_t>(inputs[0].bytes.view());
  EXPECT_EQ(values.front(), 5);
  EXPECT_EQ(values[16], 6);
  EXPECT_EQ(values.size(), 48U);
}

TEST(Batch, SlicesOfAnOutputAreTheRequestsOwnRows) {
  const TensorMessage output =
      tensor<std::int32_t>("Y", Datatype::kInt32, {3, 2}, {1, 2, 3, 4, 5, 6});
  const TensorMessage slice = batch_slice(output, 1, 2);
  EXPECT_EQ(slice.shape, std::vector<std::int64_t>({2, 2}));
  EXPECT_EQ(values_of<std::int32_t>(slice.bytes.view()), std::vector<std::int32_t>({3, 4, 5, 6}));
}

TEST(Batch, SlicesOfStringsKeepWholeStrings) {
  TensorMessage output;
  output.datatype = Datatype::kBytes;
  output.shape = {3, 1};
  output.bytes = TensorBytes::own(std::string("\1\0\0\0a\0\0\0\0\2\0\0\0bc", 15));
  EXPECT_EQ(batch_slice(output, 2, 1).bytes.view(), std::string("\2\0\0\0bc", 6));
  EXPECT_EQ(batch_slice(output, 0, 2).bytes.view(), std::string("\1\0\0\0a\0\0\0\0", 9));
}

TEST(Batch, OutputsThatAreNotWhatTheConfigSaysAreOurFault) {
  const ModelConfig config = parse_model_config(simple_config(), "simple");
  const auto outputs = [](Datatype type, std::vector<std::int64_t> shape, std::size_t values) {
    std::vector<TensorMessage> result;
    for (int i = 0; i < 2; ++i) {
      result.push_back(tensor("", type, shape, std::vector<std::int32_t>(values)));
    }
    return result;
  };
  auto good = outputs(Datatype::kInt32, {2, 16}, 32);
  EXPECT_NO_THROW(check_outputs(good, config, 2));
  EXPECT_EQ(good[1].name, "OUTPUT1");
  const auto refuse = [&](std::vector<TensorMessage> list, const char* part) {
    expect_error(ErrorCode::kInternal, part, [&] { check_outputs(list, config, 2); });
  };
  refuse({}, "has 0 outputs and its config 2");
  refuse(outputs(Datatype::kFp32, {2, 16}, 32), "is FP32 and should be INT32");
  refuse(outputs(Datatype::kInt32, {3, 16}, 48), "should begin with the batch of 2");
  refuse(outputs(Datatype::kInt32, {2, 16}, 31), "is 124 bytes and should be 128");
}

TEST(Batch, AnOutputIsReshapedBackToWhatRequestsSee) {
  const ModelConfig config = parse_model_config(
      "backend: 'pytorch' max_batch_size: 2 input { name: 'X' data_type: TYPE_INT32 dims: 1 } "
      "output { name: 'Y' data_type: TYPE_INT32 dims: [-1, 2] reshape { shape: [-1, 1, 2] } }",
      "m");
  std::vector<TensorMessage> outputs;
  outputs.push_back(tensor("", Datatype::kInt32, {1, 3, 1, 2}, std::vector<std::int32_t>(6)));
  check_outputs(outputs, config, 1);
  EXPECT_EQ(outputs[0].shape, std::vector<std::int64_t>({1, 3, 2}));
}

}  // namespace
}  // namespace scrim
