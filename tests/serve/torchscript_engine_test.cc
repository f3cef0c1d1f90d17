#include "serve/torchscript_engine.h"

#include "server/small_models.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <sstream>

namespace scrim {
namespace {

std::string script(const std::string& forward) {
  torch::jit::Module module("m");
  module.define(forward);
  std::ostringstream bytes;
  module.save(bytes);
  return bytes.str();
}

std::string io(const std::string& inputs, const std::string& outputs, const std::string& type) {
  std::string text = "backend: 'pytorch' ";
  std::istringstream in(inputs), out(outputs);
  for (std::string name; in >> name;) {
    text += "input { name: '" + name + "' data_type: TYPE_" + type + " dims: -1 } ";
  }
  for (std::string name; out >> name;) {
    text += "output { name: '" + name + "' data_type: TYPE_" + type + " dims: -1 } ";
  }
  return text;
}

struct Fixture {
  Fixture(const std::string& forward, const std::string& config_text)
      : config(parse_model_config(config_text, "m")) {
    write_file_atomically(folder / "model.pt", script(forward));
    open();
  }

  void open() {
    engine = torchscript_engines([this](const std::string& line) { log += line; })(
        config, folder / "model.pt");
  }

  std::vector<float> run(const std::vector<std::vector<float>>& inputs, std::size_t output = 0) {
    std::vector<TensorMessage> messages;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      messages.push_back(tensor(config.inputs[i].name, Datatype::kFp32,
                                {static_cast<std::int64_t>(inputs[i].size())}, inputs[i]));
    }
    return values_of<float>(engine->run(messages).at(output).bytes.view());
  }

  TemporaryFolder folder;
  ModelConfig config;
  std::unique_ptr<Engine> engine;
  std::string log;
};

constexpr const char* kSubtract = "def forward(self, a, b):\n  return a - b, a + b\n";
using Floats = std::vector<float>;

// The three ways in which names find their arguments and results.
TEST(TorchScriptEngine, InputsAndOutputsGoWhereTheirNamesSay) {
  for (const auto& [inputs, outputs, first] : {std::tuple{"a b", "x y", 1.F},
                                               {"b a", "x y", -1.F},
                                               {"I__0 I__1", "O__0 O__1", 1.F},
                                               {"I__1 I__0", "O__0 O__1", -1.F},
                                               {"p q", "O__1 O__0", 5.F},
                                               {"p q", "x y", 1.F}}) {
    Fixture f(kSubtract, io(inputs, outputs, "FP32"));
    EXPECT_EQ(f.run({{3}, {2}}), Floats({first})) << inputs << " -> " << outputs;
  }
}

TEST(TorchScriptEngine, EveryDatatypeOfTheLibraryComesBackAsItWas) {
  const std::pair<const char*, Datatype> types[] = {
      {"BOOL", Datatype::kBool},   {"UINT8", Datatype::kUint8}, {"INT8", Datatype::kInt8},
      {"INT16", Datatype::kInt16}, {"INT32", Datatype::kInt32}, {"INT64", Datatype::kInt64},
      {"FP16", Datatype::kFp16},   {"BF16", Datatype::kBf16},   {"FP32", Datatype::kFp32},
      {"FP64", Datatype::kFp64}};
  for (const auto& [name, type] : types) {
    Fixture f("def forward(self, x):\n  return x\n", io("x", "y", name));
    TensorMessage input;
    input.name = "x";
    input.datatype = type;
    input.shape = {3};
    std::string bytes(3 * element_bytes(type), '\0');
    bytes[0] = 1;
    // One byte off any alignment, as a tensor behind some JSON may be.
    const std::string body = "x" + bytes;
    input.bytes = TensorBytes::borrow(std::string_view(body).substr(1));
    const auto outputs = f.engine->run({input});
    EXPECT_EQ(outputs.at(0).datatype, type) << name;
    EXPECT_EQ(outputs.at(0).bytes.view(), bytes) << name;
  }
}

TEST(TorchScriptEngine, NothingInIsNothingOut) {
  Fixture f("def forward(self, x):\n  return x * 2\n", io("x", "y", "FP32"));
  EXPECT_EQ(f.run({{}}), Floats());
}

TEST(TorchScriptEngine, StringsAreALists) {
  Fixture f("def forward(self, x: List[str]):\n  return [s + '!' for s in x]\n",
            io("x", "y", "STRING"));
  TensorMessage input;
  input.name = "x";
  input.datatype = Datatype::kBytes;
  input.shape = {2};
  input.bytes = TensorBytes::own(std::string("\1\0\0\0a\0\0\0\0", 9));
  const auto outputs = f.engine->run({input});
  EXPECT_EQ(outputs.at(0).shape, std::vector<std::int64_t>({2}));
  EXPECT_EQ(outputs.at(0).bytes.view(), std::string("\2\0\0\0a!\1\0\0\0!", 11));
}

TEST(TorchScriptEngine, AListOfTensorsIsItsOutputs) {
  Fixture f("def forward(self, x):\n  return [x, x * 3]\n", io("x", "y z", "FP32"));
  EXPECT_EQ(f.run({{2}}, 1), Floats({6}));
}

TEST(TorchScriptEngine, AFailureIsOneSentenceAndItsReasonIsForTheLog) {
  Fixture f("def forward(self, x):\n  assert False, 'a secret'\n  return x\n",
            io("x", "y", "FP32"));
  try {
    f.run({{1}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "model 'm' failed while it ran");
  }
  EXPECT_NE(f.log.find("a secret"), std::string::npos);
}

TEST(TorchScriptEngine, ABrokenFileIsNamedWithoutItsPath) {
  Fixture f("def forward(self, x):\n  return x\n", io("x", "y", "FP32"));
  for (const char* junk : {"", "abc", "PK\3\4"}) {
    write_file_atomically(f.folder / "model.pt", junk);
    f.log.clear();
    expect_error(ErrorCode::kInternal, "model 'm' has no file that can be opened",
                 [&] { f.open(); });
    EXPECT_FALSE(f.log.empty());
  }
}

TEST(TorchScriptEngine, WhatTheConfigWantsMustBeThere) {
  Fixture f(kSubtract, io("a b", "x y", "FP32"));
  f.config = parse_model_config(io("a", "x", "FP32"), "m");
  expect_error(ErrorCode::kInvalidArgument, "expects 1 inputs, model provides 2",
               [&] { f.open(); });
  f.config = parse_model_config(io("a b", "x", "UINT16"), "m");
  expect_error(ErrorCode::kInvalidArgument, "has no UINT16", [&] { f.open(); });
  f.config = parse_model_config(io("a b", "O__0 O__5", "FP32"), "m");
  f.open();
  expect_error(ErrorCode::kInternal, "failed while it ran", [&] { f.run({{1}, {2}}); });
  f.config = parse_model_config(
      io("a b", "x", "FP32") +
          "parameters { key: 'INTRA_OP_THREAD_COUNT' value { string_value: 'many' } }",
      "m");
  expect_error(ErrorCode::kInvalidArgument, "INTRA_OP_THREAD_COUNT", [&] { f.open(); });
}

}  // namespace
}  // namespace scrim
