// A release's tail on a real server, asked by the client: the same answers as the tail here.
#include <scrim/client.h>
#include <scrim/network.h>
#include <scrim/noise.h>
#include <scrim/repository.h>
#include <scrim/server.h>

#include "support/certificate.h"
#include "support/expect_error.h"
#include "support/small_release.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <fstream>
#include <random>

namespace scrim {
namespace {

constexpr double kAlpha = 0.8;
constexpr std::int64_t kDirections = 64;

Key key_of(std::uint8_t byte) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(byte);
  return Key::from_bytes(bytes);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "sha256//..." of the certificate's key, as curl pins it.
std::string pin_of(const Certificate& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(
      BIO_new_mem_buf(certificate.pem.data(), static_cast<int>(certificate.pem.size())),
      BIO_free_all);
  const std::unique_ptr<X509, decltype(&X509_free)> x509(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  unsigned char* bytes = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(x509.get()), &bytes);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bytes, static_cast<std::size_t>(size), digest);
  OPENSSL_free(bytes);
  std::string text(64, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest, sizeof(digest))));
  return "sha256//" + text;
}

struct RemoteTail : testing::Test {
  RemoteTail() {
    add("noisy", "fp32");
    add("noisy_fp16", "fp16");
    add("noisy_int8", "int8");
  }

  void add(const std::string& model, const std::string& wire) {
    ServedNetwork served;
    served.model = model;
    served.network = release.tail();
    served.inputs = {{"INPUT__0", {-1, kDirections, -1, -1}}};
    served.outputs = {{"OUTPUT__0", {-1, -1}}};
    served.parameters = {{"scrim_release", release.id()},
                         {"scrim_contract", text_of(release.folder() / "server/contract.json")}};
    if (wire != "fp32") {
      served.network = folder / (model + ".pt");
      served.inputs.clear();
      const WireType type = wire == "fp16" ? WireType::kFp16 : WireType::kInt8;
      for (const WireInput& input : export_wire_tail(release, kAlpha, type, served.network)) {
        served.inputs.push_back({"INPUT__" + std::to_string(served.inputs.size()),
                                 {-1, input.directions, -1, -1},
                                 input.datatype});
      }
      served.outputs.front().datatype = "FP16";
      served.parameters["scrim_wire"] = wire;
      served.parameters["scrim_alpha"] = "0.8";
    }
    add_to_repository(folder / "models", served);
  }

  ServerOptions server_options() const {
    ServerOptions options;
    options.model_repositories = {folder / "models"};
    options.http_port = 0;
    options.grpc_port.reset();
    options.metrics_port.reset();
    return options;
  }

  static std::string address(const Server& server, const char* scheme = "http") {
    return std::string(scheme) + "://localhost:" + std::to_string(*server.http_port());
  }

  NoisyActivation noisy(NoiseOptions options = {}) const {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    Activation activation{{{2, kDirections, 8, 8}, {}}, release.id()};
    activation.tensor.values.resize(2 * kDirections * 64);
    for (float& value : activation.tensor.values) value = normal(random);
    return Noise(release, key_of(3), std::move(options))(activation);
  }

  TemporaryFolder folder;
  Release release = small_release(folder, kAlpha);
};

TEST_F(RemoteTail, AnswersAsTheTailHereOnEveryWire) {
  const Server server(server_options());
  const Tail tail = Tail::open(release);
  for (const bool json : {false, true}) {
    Client client(address(server), {.json = json});
    std::vector<std::size_t> bytes;
    for (const auto& [model, wire] : {std::pair{"noisy", WireType::kFp32},
                                      {"noisy_fp16", WireType::kFp16},
                                      {"noisy_int8", WireType::kInt8}}) {
      if (json && wire == WireType::kFp16) continue;  // which JSON cannot carry
      const NoisyActivation sent = noisy({.wire = wire});
      const Inference inference = client.infer(model, sent);
      const Tensor here = tail(sent).at(0);
      ASSERT_EQ(inference.outputs.size(), 1U);
      EXPECT_EQ(inference.outputs[0].shape, here.shape);
      for (std::size_t i = 0; i < here.values.size(); ++i) {
        EXPECT_NEAR(inference.outputs[0].values[i], here.values[i],
                    (wire == WireType::kFp32 ? 1e-4F : 1e-3F) * (1 + std::abs(here.values[i])))
            << model;
      }
      bytes.push_back(inference.bytes_sent);
    }
    if (!json) {
      EXPECT_LT(static_cast<double>(bytes[1]), 0.55 * static_cast<double>(bytes[0]));
      EXPECT_LT(static_cast<double>(bytes[2]), 0.3 * static_cast<double>(bytes[0]));
    }
  }
}

TEST_F(RemoteTail, CleanDataIsNotEvenSentAndAReplayIsRefused) {
  const Server server(server_options());
  Client client(address(server));
  expect_error(ErrorCode::kRefused, "takes obfuscated activations only",
               [&] { client.infer_clean("noisy", noisy().tensor()); });
  const NoisyActivation sticky = noisy();
  for (int i = 0; i < 2; ++i) client.infer("noisy", sticky);
  const NoisyActivation fresh = noisy({.draw = Draw::kFresh});
  client.infer("noisy", fresh);
  expect_error(ErrorCode::kRefused, "was seen before", [&] { client.infer("noisy", fresh); });
  client.infer("noisy", noisy({.draw = Draw::kFresh}));
}

TEST_F(RemoteTail, OnlyClientsThatTheServerKnowsAreAnswered) {
  ServerOptions options = server_options();
  options.clients = {{"camera", key_of(7)}};
  const Server server(options);
  Client known(address(server), {.tag = ClientTag{"camera", key_of(7)}});
  EXPECT_EQ(known.infer("noisy", noisy()).outputs.size(), 1U);
  for (const auto& [name, byte] : {std::pair{"camera", 8}, {"door", 7}}) {
    Client other(address(server),
                 {.tag = ClientTag{name, key_of(static_cast<std::uint8_t>(byte))}});
    expect_error(ErrorCode::kRefused, "is not the tag of this request",
                 [&] { other.infer("noisy", noisy()); });
  }
  Client silent(address(server));
  expect_error(ErrorCode::kRefused, "no parameter 'scrim_client'",
               [&] { silent.infer("noisy", noisy()); });
  options.clients.push_back({"camera", key_of(1)});
  expect_error(ErrorCode::kInvalidArgument, "client 'camera' is named twice",
               [&] { const Server twice(options); });
}

TEST_F(RemoteTail, TlsTrustsAnAuthorityOrAKeyAndNothingElse) {
  const Certificate own, other;
  ServerOptions options = server_options();
  options.tls = ServerTls{own.pem, own.key_pem, other.pem};
  const Server server(options);
  const std::string url = address(server, "https");
  const ClientTls trusted{own.pem, other.pem, other.key_pem, ""};
  EXPECT_TRUE(Client(url, {.tls = trusted}).ready());
  ClientTls pinned = trusted;
  pinned.pinned_key = pin_of(own);
  EXPECT_EQ(Client(url, {.tls = pinned}).infer("noisy", noisy()).outputs.size(), 1U);
  pinned.pinned_key = pin_of(other);
  expect_error(ErrorCode::kRefused, "shows another key than the pinned one",
               [&] { Client(url, {.tls = pinned}).live(); });
  expect_error(ErrorCode::kRefused, "shows a certificate that is not trusted", [&] {
    Client(url, {.tls = {other.pem, other.pem, other.key_pem, ""}}).live();
  });
  // Turned away by the server, within the handshake or at the first byte.
  EXPECT_THROW(Client(url, {.tls = {own.pem, "", "", ""}}).live(), Error);
}

}  // namespace
}  // namespace scrim
