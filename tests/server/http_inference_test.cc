#include "server/http_inference.h"

#include "server/compression.h"
#include "server/fake_service.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{64} << 20;

struct HttpInferenceFixture {
  explicit HttpInferenceFixture(const std::string& text = identity_config()) {
    service.config = std::make_shared<const ModelConfig>(parse_model_config(text, "m"));
    // As the identity answers.
    service.on_infer = [this](InferCall call, const InferDone& done) {
      last = std::move(call);
      InferResponse response{"m", "1", last.request.id, {}, {}};
      response.outputs.push_back(last.request.inputs.at(0));
      response.outputs[0].name = "OUTPUT0";
      response.outputs[0].binary = last.request.binary_outputs;
      done(response);
    };
  }

  HttpAnswer post(const std::string& body,
                  std::map<std::string, std::string, std::less<>> headers = {},
                  const std::string& model = "m") {
    HttpAnswer answer;
    answer_inference(
        service, model, "",
        {{"POST", "", std::move(headers)}, std::make_shared<const std::string>(body), {}}, kLimit,
        [&](HttpAnswer given) { answer = std::move(given); });
    return answer;
  }

  FakeService service;
  InferCall last;
};

const std::string kJson =
    R"({"id":"7","inputs":[{"name":"INPUT0","shape":[1,2],"datatype":"FP32","data":[1,2]}]})";
const std::string kAnswer =
    R"({"id":"7","model_name":"m","model_version":"1","outputs":[{"name":"OUTPUT0",)"
    R"("datatype":"FP32","shape":[1,2],"data":[1.0,2.0]}]})";

TEST(HttpInference, JsonIsAnsweredInJson) {
  HttpInferenceFixture f;
  const HttpAnswer answer = f.post(kJson);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(answer.body, kAnswer);
}

TEST(HttpInference, NineDigitsAreGivenToWhoPrefersThem) {
  HttpInferenceFixture f;
  const std::string json =
      R"({"inputs":[{"name":"INPUT0","shape":[1,2],"datatype":"FP32","data":[0.1,2]}]})";
  const HttpAnswer plain = f.post(json, {{"prefer", "respond-async"}});
  EXPECT_NE(plain.body.find("[0.10000000149011612,2.0]"), std::string::npos) << plain.body;
  EXPECT_TRUE(plain.headers.empty());
  const HttpAnswer nine = f.post(json, {{"prefer", "float-digits=9"}});
  EXPECT_NE(nine.body.find("[0.100000001,2]"), std::string::npos) << nine.body;
  const std::pair<std::string, std::string> applied = {"Preference-Applied", "float-digits=9"};
  EXPECT_EQ(nine.headers, std::vector{applied});
}

TEST(HttpInference, BinaryAnswersSayHowLongTheirJsonIs) {
  HttpInferenceFixture f;
  const std::string json =
      R"({"inputs":[{"name":"INPUT0","shape":[1,2],"datatype":"FP32",)"
      R"("parameters":{"binary_data_size":8}}],"parameters":{"binary_data_output":true}})";
  const std::string data = bytes_of<float>({3, 4});
  const HttpAnswer answer =
      f.post(json + data, {{"inference-header-content-length", std::to_string(json.size())}});
  EXPECT_EQ(answer.content_type, "application/octet-stream");
  ASSERT_EQ(answer.headers.size(), 1U);
  EXPECT_EQ(answer.headers[0].first, "Inference-Header-Content-Length");
  EXPECT_EQ(answer.body.substr(std::stoul(answer.headers[0].second)), data);
}

TEST(HttpInference, ABodyWithoutJsonIsTheTensor) {
  HttpInferenceFixture f;
  const HttpAnswer answer =
      f.post(bytes_of<float>({5, 6, 7}), {{"inference-header-content-length", "0"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(f.last.request.inputs[0].shape, std::vector<std::int64_t>({1, 3}));
}

TEST(HttpInference, CompressionWorksBothWays) {
  HttpInferenceFixture f;
  const HttpAnswer answer = f.post(compress(kJson, Encoding::kDeflate),
                                   {{"content-encoding", "deflate"}, {"accept-encoding", "gzip"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at(0).first, "Content-Encoding");
  EXPECT_EQ(answer.headers.at(0).second, "gzip");
  EXPECT_EQ(decompress(answer.body, kLimit), kAnswer);
}

TEST(HttpInference, FaultsBeforeTheJsonArePlainTextAndLaterOnesAreNot) {
  HttpInferenceFixture f;
  const HttpAnswer unknown = f.post(kJson, {}, "nope");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.content_type, "text/plain");
  const HttpAnswer coding = f.post(kJson, {{"content-encoding", "br"}});
  EXPECT_EQ(coding.status, 501);
  EXPECT_EQ(coding.headers.at(0).first, "Accept-Encoding");
  EXPECT_EQ(f.post(kJson, {{"inference-header-content-length", "x"}}).content_type, "text/plain");
  const HttpAnswer malformed = f.post("{");
  EXPECT_EQ(malformed.status, 500);
  EXPECT_EQ(malformed.content_type, "application/json");
}

TEST(HttpInference, AFaultOfTheServiceIsItsAnswer) {
  HttpInferenceFixture f;
  f.service.on_infer = [](InferCall, const InferDone& done) {
    done(RequestError(RequestFault::kUnavailable, "Exceeds maximum queue size"));
  };
  const HttpAnswer answer = f.post(kJson);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"error":"Exceeds maximum queue size"})");
}

TEST(HttpInference, AnOutputThatJsonCannotCarryIsAFault) {
  HttpInferenceFixture f;
  f.service.on_infer = [](InferCall, const InferDone& done) {
    InferResponse response{"m", "1", "", {}, {}};
    response.outputs.push_back(tensor<std::uint16_t>("Y", Datatype::kFp16, {1}, {0}));
    done(response);
  };
  EXPECT_EQ(f.post(kJson).status, 400);
}

TEST(HttpInference, TheLargestBodyFollowsFromTheDeclaredTensors) {
  const auto limit = [](const std::string& text) {
    return body_limit_of(parse_model_config(text, "m"), kLimit);
  };
  EXPECT_EQ(limit(identity_config()), kLimit);  // a variable dimension
  const std::uint64_t small = limit(simple_config());
  EXPECT_GT(small, 2U * 8 * 16 * 12);
  EXPECT_LT(small, 200'000U);
  EXPECT_EQ(limit("backend: 'pytorch' input { name: 'X' data_type: TYPE_FP32 dims: "
                  "4611686018427387904 } output { name: 'Y' data_type: TYPE_FP32 dims: 1 }"),
            kLimit);
}

}  // namespace
}  // namespace scrim
