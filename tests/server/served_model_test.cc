#include "server/served_model.h"

#include "server/small_models.h"

#include <gtest/gtest.h>

#include <future>

namespace scrim {
namespace {

class Failing : public Engine {
 public:
  explicit Failing(bool ours) : ours_(ours) {}
  std::vector<TensorMessage> run(const std::vector<TensorMessage>&) override {
    if (ours_) throw Error(ErrorCode::kInternal, "model 'm' failed while it ran");
    throw std::runtime_error("/secret/path at 0x7fff");
  }

 private:
  bool ours_;
};

struct ServedModelFixture {
  explicit ServedModelFixture(const std::string& text, std::unique_ptr<Engine> engine,
                              Labels labels = {}) {
    std::vector<std::unique_ptr<Engine>> instances;
    instances.push_back(std::move(engine));
    model = std::make_unique<ServedModel>(
        std::make_shared<const ModelConfig>(parse_model_config(text, "m")), "3",
        std::move(instances), std::move(labels), record);
  }

  std::future<InferResult> infer(InferRequest request, std::stop_token gone = {}) {
    auto promise = std::make_shared<std::promise<InferResult>>();
    model->infer({"m", "", std::move(request), nullptr, std::move(gone)},
                 [promise](InferResult result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }

  std::shared_ptr<StatisticsRecord> record = std::make_shared<StatisticsRecord>("m", "3");
  std::unique_ptr<ServedModel> model;
};

InferRequest float_request(const std::vector<float>& values, const std::string& id = "") {
  InferRequest request;
  request.id = id;
  request.inputs.push_back(
      tensor("INPUT0", Datatype::kFp32, {1, static_cast<std::int64_t>(values.size())}, values));
  return request;
}

const InferResponse& answer_of(const InferResult& result) {
  if (const auto* error = std::get_if<RequestError>(&result)) throw *error;
  return std::get<InferResponse>(result);
}

TEST(ServedModel, AnswersWithNameVersionIdAndAllOutputs) {
  ServedModelFixture f(simple_config(), std::make_unique<SumAndDifference>());
  InferRequest request = simple_request(2, 5, 3);
  request.id = "42";
  const InferResult result = f.infer(std::move(request)).get();
  const InferResponse& answer = answer_of(result);
  EXPECT_EQ(answer.model_name, "m");
  EXPECT_EQ(answer.model_version, "3");
  EXPECT_EQ(answer.id, "42");
  ASSERT_EQ(answer.outputs.size(), 2U);
  EXPECT_EQ(answer.outputs[0].name, "OUTPUT0");
  EXPECT_EQ(values_of<std::int32_t>(answer.outputs[0].bytes.view())[31], 8);
  EXPECT_EQ(values_of<std::int32_t>(answer.outputs[1].bytes.view())[0], 2);
}

TEST(ServedModel, OneRequestedOutputIsOneOutput) {
  ServedModelFixture f(simple_config(), std::make_unique<SumAndDifference>());
  InferRequest request = simple_request(1, 5, 3);
  request.outputs = {{"OUTPUT1", 0, true}};
  const InferResult result = f.infer(std::move(request)).get();
  ASSERT_EQ(answer_of(result).outputs.size(), 1U);
  EXPECT_EQ(answer_of(result).outputs[0].name, "OUTPUT1");
  EXPECT_TRUE(answer_of(result).outputs[0].binary);
}

TEST(ServedModel, ABatchOfRequestsRunsOnceAndEachGetsItsOwnRows) {
  Gate gate;
  ServedModelFixture f(identity_config("dynamic_batching {}"),
                       std::make_unique<GatedIdentity>(gate));
  auto first = f.infer(float_request({0, 0}));
  gate.await(1);  // the instance is busy: the next ones wait together
  std::vector<std::future<InferResult>> later;
  for (float i = 1; i <= 5; ++i) later.push_back(f.infer(float_request({i, 10 * i})));
  gate.open();
  first.get();
  for (float i = 1; i <= 5; ++i) {
    const InferResult result = later[static_cast<std::size_t>(i) - 1].get();
    const TensorMessage& output = answer_of(result).outputs.at(0);
    EXPECT_EQ(output.shape, std::vector<std::int64_t>({1, 2}));
    EXPECT_EQ(values_of<float>(output.bytes.view()), std::vector<float>({i, 10 * i}));
  }
  const ModelStatistics numbers = f.model->statistics();
  EXPECT_EQ(numbers.execution_count, 2U);
  EXPECT_EQ(numbers.inference_count, 6U);
  EXPECT_EQ(numbers.success.count, 6U);
  ASSERT_EQ(numbers.batches.size(), 2U);
  EXPECT_EQ(numbers.batches[1].batch_size, 5U);
}

TEST(ServedModel, ClassesCarryTheLabelsOfTheirOutput) {
  ServedModelFixture f(identity_config(), std::make_unique<Identity>(),
                       {{"OUTPUT0", {"cat", "dog"}}});
  InferRequest request = float_request({1, 2});
  request.outputs = {{"OUTPUT0", 1, false}};
  const InferResult result = f.infer(std::move(request)).get();
  EXPECT_EQ(answer_of(result).outputs[0].bytes.view().substr(4), "2.000000:1:dog");
}

TEST(ServedModel, WhatIsRefusedBeforeTheQueueCountsNowhere) {
  ServedModelFixture f(simple_config(), std::make_unique<SumAndDifference>());
  InferRequest request = simple_request(9, 5, 3);
  const InferResult result = f.infer(std::move(request)).get();
  EXPECT_EQ(std::get<RequestError>(result).fault(), RequestFault::kInvalid);
  EXPECT_EQ(f.model->statistics().fail.count, 0U);
}

TEST(ServedModel, AFailureOfTheNetworkSaysNothingOfTheMachine) {
  for (const bool ours : {true, false}) {
    ServedModelFixture f(identity_config(), std::make_unique<Failing>(ours));
    const InferResult result = f.infer(float_request({1})).get();
    const auto& error = std::get<RequestError>(result);
    EXPECT_EQ(error.fault(), RequestFault::kInternal);
    EXPECT_STREQ(error.what(), "model 'm' failed while it ran");
    // The answer is given first; the record follows at once.
    f.model.reset();
    EXPECT_EQ(f.record->read().failures.at("BACKEND"), 1U);
  }
}

TEST(ServedModel, TheQueuesLimitIsAnAnswerAndIsCounted) {
  Gate gate;
  ServedModelFixture f(
      identity_config("dynamic_batching { default_queue_policy { max_queue_size: 1 } }", 1),
      std::make_unique<GatedIdentity>(gate));
  auto running = f.infer(float_request({1}));
  gate.await(1);
  auto waiting = f.infer(float_request({2}));
  EXPECT_EQ(f.model->statistics().pending, 1U);
  const InferResult refused = f.infer(float_request({3})).get();
  EXPECT_STREQ(std::get<RequestError>(refused).what(), "Exceeds maximum queue size");
  EXPECT_EQ(f.record->read().failures.at("REJECTED"), 1U);
  gate.open();
  EXPECT_NO_THROW(answer_of(waiting.get()));
}

TEST(ServedModel, ACallerThatHasGoneIsDroppedAndCounted) {
  Gate gate;
  ServedModelFixture f(identity_config(), std::make_unique<GatedIdentity>(gate));
  auto running = f.infer(float_request({1}));
  gate.await(1);
  std::stop_source gone;
  auto waiting = f.infer(float_request({2}), gone.get_token());
  gone.request_stop();
  gate.open();
  EXPECT_TRUE(std::holds_alternative<RequestError>(waiting.get()));
  EXPECT_EQ(f.record->read().failures.at("CANCELED"), 1U);
}

TEST(ServedModel, EveryAcceptedRequestIsAnsweredAtTheEnd) {
  Gate gate;
  ServedModelFixture f(identity_config(), std::make_unique<GatedIdentity>(gate));
  std::vector<std::future<InferResult>> all;
  for (int i = 0; i < 20; ++i) all.push_back(f.infer(float_request({static_cast<float>(i)})));
  gate.open();
  f.model.reset();
  for (auto& one : all) EXPECT_NO_THROW(answer_of(one.get()));
}

}  // namespace
}  // namespace scrim
