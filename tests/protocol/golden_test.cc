// What a real server answered to requests for inference, line by line: the same bodies come out,
// and the same sentences where the fault can be seen without knowing the model.
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "protocol/request_error.h"
#include "support/golden_answers.h"

#include <gtest/gtest.h>

#include <openssl/evp.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace scrim {
namespace {

using Json = nlohmann::json;

// The recorded answers, or nothing where the file is not at hand.
std::vector<Json> recorded() {
  std::vector<Json> lines;
  for (const std::string& line : golden_answers()) lines.push_back(Json::parse(line));
  return lines;
}

std::string from_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  bytes.resize(bytes.size() - static_cast<std::size_t>(std::count(text.begin(), text.end(), '=')));
  return bytes;
}

std::string recorded_bytes(const Json& line, const std::string& key) {
  if (line.contains(key + "_b64")) return from_base64(line[key + "_b64"]);
  return line.value(key, "");
}

// Lines that another layer answers: routing, compression, shared memory, the tensor without JSON.
const std::set<std::string> kElsewhere = {"method",        "bad encoding", "deflate req",
                                          "gzip resp",     "deflate resp", "shm infer",
                                          "shm infer oob", "empty body",   "raw binary"};
// Faults that only the model's configuration shows.
const std::set<std::string> kOfTheModel = {"inputs []",       "missing one input", "no batch dim",
                                           "empty shape",     "batch too large",   "size mismatch",
                                           "unknown version", "huge shape"};
const std::set<std::string> kDeviations = {"ragged nested data"};

std::int32_t integer_at(std::string_view bytes, std::size_t index) {
  std::int32_t value;
  std::memcpy(&value, bytes.data() + index * sizeof(value), sizeof(value));
  return value;
}

// The recorded models, computed here: OUTPUT0 is the sum and OUTPUT1 the difference, or the input.
TensorMessage computed(const InferRequest& request, const std::string& name) {
  TensorMessage output = request.inputs[0];
  output.name = name;
  output.binary = false;
  if (request.inputs.size() == 1) return output;
  std::string bytes;
  const std::string_view a = request.inputs[0].bytes.view(), b = request.inputs[1].bytes.view();
  for (std::size_t i = 0; i < a.size() / 4; ++i) {
    const std::int32_t value = name == "OUTPUT0" ? integer_at(a, i) + integer_at(b, i)
                                                 : integer_at(a, i) - integer_at(b, i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  output.bytes = TensorBytes::own(bytes);
  return output;
}

std::string answer(const InferRequest& request, const std::string& model) {
  InferResponse response{model, "1", request.id, {}, {}};
  auto wanted = request.outputs;
  if (wanted.empty()) {
    wanted.push_back({"OUTPUT0", 0, request.binary_outputs});
    if (request.inputs.size() == 2) wanted.push_back({"OUTPUT1", 0, request.binary_outputs});
  }
  for (const RequestedOutput& one : wanted) {
    response.outputs.push_back(computed(request, one.name));
    response.outputs.back().binary = one.binary;
  }
  return format_infer_response(response).bytes;
}

struct Golden : testing::Test {
  void SetUp() override {
    if (lines.empty()) GTEST_SKIP() << "SCRIM_SERVING_GOLDEN names no recorded answers";
  }
  std::vector<Json> lines = recorded();
};

TEST_F(Golden, InferenceIsAnsweredAsRecorded) {
  int equal = 0, refused = 0, of_the_model = 0;
  for (const Json& line : lines) {
    const std::string path = line.value("path", "");
    const std::string label = line["label"].is_string() ? line["label"] : "";
    if (!path.ends_with("/infer") || kElsewhere.contains(label)) continue;
    const std::string model = path.substr(11, path.find('/', 11) - 11);
    const std::string body = recorded_bytes(line, "body");
    const int status = line["status"];
    try {
      std::optional<std::size_t> length;
      const Json headers = line.value("headers", Json::object());
      if (const auto header = headers.find("Inference-Header-Content-Length");
          header != headers.end()) {
        length = json_length_of(header->get<std::string>(), body.size());
      }
      const InferRequest request = parse_infer_request(body, length, model);
      if (status != 200) {
        EXPECT_TRUE(kOfTheModel.contains(label)) << label;
        ++of_the_model;
      } else if (label != "classification") {
        EXPECT_EQ(answer(request, model), recorded_bytes(line, "resp")) << label;
        ++equal;
      }
    } catch (const RequestError& error) {
      if (kDeviations.contains(label)) {
        EXPECT_EQ(http_status(error.fault()), 400);
      } else {
        EXPECT_EQ(http_status(error.fault()), status) << label;
        EXPECT_EQ(format_error(error.what()), recorded_bytes(line, "resp")) << label;
      }
      ++refused;
    }
  }
  EXPECT_GE(equal, 11);
  EXPECT_GE(refused, 32);
  EXPECT_GE(of_the_model, 7);
  std::cout << equal << " answers and " << refused << " refusals as recorded, " << of_the_model
            << " faults of the model\n";
}

std::optional<std::string> header_of(const Json& line, const std::string& lower_case_name) {
  for (const auto& [name, value] : line.at("resp_headers").items()) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (lower == lower_case_name) return value.get<std::string>();
  }
  return std::nullopt;
}

// The client's half: what a real server answered is read, and written again it is the same bytes.
TEST_F(Golden, RecordedAnswersAreRead) {
  int answers = 0, errors = 0;
  for (const Json& line : lines) {
    if (!line.value("path", "").ends_with("/infer")) continue;
    const std::string body = recorded_bytes(line, "resp");
    if (line["status"] != 200) {
      if (body.starts_with("{")) {
        EXPECT_TRUE(error_in(body)) << line["label"];
        ++errors;
      }
      continue;
    }
    if (header_of(line, "content-encoding")) continue;
    std::optional<std::size_t> length;
    if (const auto header = header_of(line, "inference-header-content-length")) {
      length = std::stoul(*header);
    }
    const InferResponse response = parse_infer_response(body, length);
    EXPECT_FALSE(response.outputs.empty());
    EXPECT_EQ(format_infer_response(response).bytes, body) << line["label"];
    ++answers;
  }
  EXPECT_GE(answers, 11);
  EXPECT_GE(errors, 32);
  std::cout << answers << " answers and " << errors << " errors read\n";
}

// And what it writes is read as what was meant.
TEST_F(Golden, RecordedRequestsAreWrittenAgain) {
  int written = 0;
  for (const Json& line : lines) {
    if (!line.value("path", "").ends_with("/infer") || line["status"] != 200) continue;
    const Json headers = line.value("headers", Json::object());
    if (headers.contains("Content-Encoding")) continue;
    const std::string body = recorded_bytes(line, "body");
    std::optional<std::size_t> length;
    if (headers.contains("Inference-Header-Content-Length")) {
      length = json_length_of(headers["Inference-Header-Content-Length"].get<std::string>(),
                              body.size());
    }
    if (body.empty() || length == std::size_t{0}) continue;
    const std::string label = line["label"].is_string() ? line["label"] : "";
    if (kElsewhere.contains(label) || kDeviations.contains(label)) continue;
    const InferRequest request = parse_infer_request(body, length, "m");
    const HttpBody again = format_infer_request(request);
    const InferRequest read = parse_infer_request(again.bytes, again.json_length, "m");
    EXPECT_EQ(read.id, request.id);
    EXPECT_EQ(read.parameters, request.parameters);
    EXPECT_EQ(read.binary_outputs, request.binary_outputs);
    ASSERT_EQ(read.inputs.size(), request.inputs.size());
    for (std::size_t i = 0; i < read.inputs.size(); ++i) {
      EXPECT_EQ(read.inputs[i].bytes.view(), request.inputs[i].bytes.view()) << line["label"];
      EXPECT_EQ(read.inputs[i].shape, request.inputs[i].shape);
    }
    EXPECT_EQ(read.outputs.size(), request.outputs.size());
    ++written;
  }
  EXPECT_GE(written, 11);
}

}  // namespace
}  // namespace scrim
