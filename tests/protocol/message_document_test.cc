#include "protocol/message_document.h"

#include "protocol/expect_request_error.h"

#include <gtest/gtest.h>

#include <string>

namespace scrim {
namespace {

TEST(MessageDocument, NumbersOfATensorAreApart) {
  const std::string text = R"({"inputs":[{"data": [1, 2.5],"name":"A"},{"data":[3]}],"id":"x"})";
  const MessageDocument document(text);
  const RequestValue& inputs = document.root()["inputs"];
  ASSERT_TRUE(document.numbers(inputs[0]["data"]));
  EXPECT_EQ(document.numbers(inputs[0]["data"])->values, (std::vector<double>{1, 2.5}));
  EXPECT_STREQ(inputs[0]["name"].GetString(), "A");
  ASSERT_TRUE(document.numbers(inputs[1]["data"]));
  EXPECT_EQ(document.numbers(inputs[1]["data"])->values, (std::vector<double>{3}));
  EXPECT_STREQ(document.root()["id"].GetString(), "x");
}

TEST(MessageDocument, AnythingElseIsAValue) {
  const std::string text =
      R"({"parameters":{"data":[1]},"data":[2],"more":[{"data":[3]}],)"
      R"("inputs":[{"data":[[4]]},{"data":["5"]},{"shape":[6]},{"x":{"data":[7]}},[[8]],)"
      R"({"data":[]},{"data":[NaN]}]})";
  const MessageDocument document(text);
  const RequestValue& root = document.root();
  const RequestValue& inputs = root["inputs"];
  EXPECT_EQ(root["parameters"]["data"][0].GetInt(), 1);
  EXPECT_EQ(root["data"][0].GetInt(), 2);
  EXPECT_EQ(root["more"][0]["data"][0].GetInt(), 3);
  EXPECT_EQ(inputs[0]["data"][0][0].GetInt(), 4);
  EXPECT_STREQ(inputs[1]["data"][0].GetString(), "5");
  EXPECT_EQ(inputs[2]["shape"][0].GetInt(), 6);
  EXPECT_EQ(inputs[3]["x"]["data"][0].GetInt(), 7);
  EXPECT_EQ(inputs[4][0][0].GetInt(), 8);
  for (const int other : {0, 1, 5, 6}) {
    EXPECT_FALSE(document.numbers(inputs[static_cast<rapidjson::SizeType>(other)]["data"]))
        << other;
  }
}

std::string refusal(const auto& parse) {
  try {
    parse();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(MessageDocument, NoJsonIsRefusedAtTheSameByte) {
  for (const char* data : {"[1,,2]", "[1", "[1,2}", "[01]", "[1.]", "[1]]", "[1],", "[1e999]",
                           "[1 2]", "[1,2]\"", "[]", "[1,2]", "[-]"}) {
    const std::string text = R"({"inputs":[{"data":)" + std::string(data) + R"(,"name":"A"}]})";
    EXPECT_EQ(refusal([&] { MessageDocument{text}; }), refusal([&] { parse_request_json(text); }))
        << data;
  }
  expect_request_error(RequestFault::kInternal, "at 22",
                       [] { MessageDocument{R"({"inputs":[{"data":[1,,2]}]})"}; });
}

}  // namespace
}  // namespace scrim
