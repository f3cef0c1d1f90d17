#include "cluster/self_signed.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace scrim {
namespace {

using Certificate509 = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate509 read_certificate(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
}

TEST(SelfSigned, ItIsGoodForItsNamesAndAddressesAndNoOther) {
  const SelfSigned pair = self_signed({"workspace-live", "localhost", "127.0.0.1"});
  const Certificate509 read = read_certificate(pair.certificate);
  ASSERT_TRUE(read);
  const auto is_for = [&](const char* name) {
    return X509_check_host(read.get(), name, 0, 0, nullptr) == 1;
  };
  EXPECT_TRUE(is_for("workspace-live"));
  EXPECT_TRUE(is_for("localhost"));
  EXPECT_FALSE(is_for("workspace-other"));
  EXPECT_EQ(X509_check_ip_asc(read.get(), "127.0.0.1", 0), 1);
  EXPECT_NE(X509_check_ip_asc(read.get(), "127.0.0.2", 0), 1);
}

TEST(SelfSigned, ItsKeyIsItsOwnAndItLasts) {
  const SelfSigned pair = self_signed({"a"}), other = self_signed({"a"});
  EXPECT_NE(pair.certificate, other.certificate);
  const Certificate509 read = read_certificate(pair.certificate);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(
      BIO_new_mem_buf(pair.key.data(), static_cast<int>(pair.key.size())), &BIO_free_all);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  ASSERT_TRUE(key);
  EXPECT_EQ(X509_check_private_key(read.get(), key.get()), 1);
  EXPECT_EQ(X509_verify(read.get(), key.get()), 1);
  int days = 0, seconds = 0;
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(read.get()));
  EXPECT_GT(days, 3600);
}

TEST(SelfSigned, WithoutANameThereIsNone) {
  expect_error(ErrorCode::kInvalidArgument, "needs a name", [] { self_signed({}); });
}

}  // namespace
}  // namespace scrim
