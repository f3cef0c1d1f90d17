#include "server/compression.h"

#include "protocol/expect_request_error.h"

#include <gtest/gtest.h>

#include <random>

namespace scrim {
namespace {

TEST(Compression, WhatIsCompressedComesBack) {
  std::mt19937 generator(1);
  for (const std::size_t size : {0U, 1U, 65'535U, 65'536U, 300'000U}) {
    std::string text(size, 'a');
    for (std::size_t i = 0; i < size; i += 3) text[i] = static_cast<char>(generator());
    for (const Encoding encoding : {Encoding::kGzip, Encoding::kDeflate}) {
      EXPECT_EQ(decompress(compress(text, encoding), size), text) << size << name(encoding);
    }
    EXPECT_EQ(compress(text, Encoding::kIdentity), text);
  }
}

TEST(Compression, ABombStopsAtTheLimit) {
  const std::string bomb = compress(std::string(50'000'000, '\0'), Encoding::kGzip);
  EXPECT_LT(bomb.size(), 100'000U);
  expect_request_error(RequestFault::kInvalid, "exceeds the maximum allowed value of 1000000 bytes",
                       [&] { decompress(bomb, 1'000'000); });
}

TEST(Compression, BrokenBodiesAreReported) {
  const std::string whole = compress("a body", Encoding::kGzip);
  for (const std::string& bytes :
       {std::string(), std::string("plain"), whole.substr(0, whole.size() - 1), whole + "x"}) {
    expect_request_error(RequestFault::kInvalid, "cannot be decompressed",
                         [&] { decompress(bytes, 1000); });
  }
}

TEST(Compression, NamesAreTheTwoThatClientsSend) {
  EXPECT_EQ(encoding_of(""), Encoding::kIdentity);
  EXPECT_EQ(encoding_of("identity"), Encoding::kIdentity);
  EXPECT_EQ(encoding_of("gzip"), Encoding::kGzip);
  EXPECT_EQ(encoding_of("deflate"), Encoding::kDeflate);
  EXPECT_FALSE(encoding_of("br"));
  EXPECT_FALSE(encoding_of("gzip, deflate"));
}

TEST(Compression, TheHeaviestAcceptedCodingWins) {
  const std::pair<const char*, Encoding> cases[] = {
      {"", Encoding::kIdentity},
      {"gzip", Encoding::kGzip},
      {"deflate, gzip;q=0.5", Encoding::kDeflate},
      {"deflate, gzip", Encoding::kGzip},
      {"gzip;q=0.2, deflate;q=0.3", Encoding::kDeflate},
      {"gzip;q=0", Encoding::kIdentity},
      {"br, *", Encoding::kIdentity},
      {"gzip;q=x", Encoding::kIdentity},
      {" , ;;", Encoding::kIdentity},
  };
  for (const auto& [text, wanted] : cases) EXPECT_EQ(preferred_encoding(text), wanted) << text;
}

}  // namespace
}  // namespace scrim
