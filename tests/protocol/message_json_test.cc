#include "protocol/message_json.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(MessageJson, ParametersHaveTheirTypes) {
  JsonText text;
  JsonWriter writer(text);
  writer.StartObject();
  write_parameters(writer, {});
  write_parameters(writer, {{"a", true},
                            {"b", std::int64_t{-1}},
                            {"c", ~std::uint64_t{0}},
                            {"d", 0.5},
                            {"e", std::string("\"\n")}});
  writer.EndObject();
  EXPECT_EQ(text.text(),
            R"({"parameters":{"a":true,"b":-1,"c":18446744073709551615,"d":0.5,"e":"\"\n"}})");
}

TEST(MessageJson, BytesFollowInTheOrderOfTheirTensors) {
  std::vector<TensorMessage> tensors(3);
  tensors[0].bytes = TensorBytes::own("ab");
  tensors[1].bytes = TensorBytes::own("cd");
  tensors[2].bytes = TensorBytes::own("ef");
  tensors[0].binary = tensors[2].binary = true;
  const HttpBody body = with_binary("{}", tensors);
  EXPECT_EQ(body.bytes, "{}abef");
  EXPECT_EQ(body.json_length, 2U);
  EXPECT_FALSE(with_binary("{}", {}).json_length);
}

TEST(MessageJson, ATensorSaysWhereItsBytesAre) {
  TensorMessage tensor;
  tensor.name = "X";
  tensor.datatype = Datatype::kUint8;
  tensor.shape = {2};
  tensor.bytes = TensorBytes::own("\1\2");
  for (const bool binary : {false, true}) {
    tensor.binary = binary;
    JsonText text;
    JsonWriter writer(text);
    write_tensor(writer, tensor, FloatDigits::kOfDouble);
    EXPECT_EQ(text.text(),
              std::string(R"({"name":"X","datatype":"UINT8","shape":[2],)") +
                  (binary ? R"("parameters":{"binary_data_size":2}})" : R"("data":[1,2]})"));
  }
}

}  // namespace
}  // namespace scrim
