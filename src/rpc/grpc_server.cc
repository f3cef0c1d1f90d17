#include "rpc/grpc_server.h"

#include "base/check.h"
#include "rpc/health_service.h"
#include "rpc/inference_service.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <limits>
#include <mutex>

namespace scrim {
namespace {

// Names, shapes and parameters beside the bytes of tensors.
constexpr std::uint64_t kMessageFrame = std::uint64_t{64} << 10;
constexpr int kMostStreams = 1024;                                     // of one connection
constexpr int kKeepaliveTime = 7'200'000, kKeepaliveTimeout = 20'000;  // milliseconds

std::shared_ptr<grpc::ServerCredentials> credentials_of(const std::optional<TlsOptions>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({tls->private_key, tls->certificate});
  options.pem_root_certs = tls->client_authority;
  if (!tls->client_authority.empty()) {
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return grpc::SslServerCredentials(options);
}

}  // namespace

class GrpcServer::Impl {
 public:
  Impl(Service& service, GrpcServerOptions options)
      : permissions_(std::move(options.permissions)),
        inference_(service, permissions_),
        health_(service, permissions_) {
    grpc::ServerBuilder builder;
    const bool is_v6 = options.address.find(':') != std::string::npos;
    const std::string address = (is_v6 ? "[" + options.address + "]" : options.address) + ":" +
                                std::to_string(options.port);
    builder.AddListeningPort(address, credentials_of(options.tls), &port_);
    builder.RegisterService(&inference_);
    builder.RegisterService(&health_);
    constexpr std::uint64_t kMostBytes = std::numeric_limits<int>::max();
    builder.SetMaxReceiveMessageSize(
        static_cast<int>(std::min(options.max_message_bytes + kMessageFrame, kMostBytes)));
    builder.SetMaxSendMessageSize(std::numeric_limits<int>::max());
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a port that is taken is an error
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostStreams);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTime);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeout);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
      fail(ErrorCode::kUnavailable, "cannot serve gRPC on ", address,
           options.tls ? ": the port is taken, or the address or the certificate is none"
                       : ": the port is taken, or the address is none");
    }
  }

  ~Impl() { stop(std::chrono::milliseconds(0)); }

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }

  void stop(std::chrono::milliseconds limit) {
    const std::lock_guard lock(stopping_);
    if (!server_) return;
    inference_.end_streams();
    server_->Shutdown(std::chrono::system_clock::now() + limit);
    server_->Wait();
    server_.reset();
  }

 private:
  const Permissions permissions_;
  InferenceService inference_;
  HealthService health_;
  int port_ = 0;
  std::mutex stopping_;
  std::unique_ptr<grpc::Server> server_;
};

GrpcServer::GrpcServer(Service& service, GrpcServerOptions options)
    : impl_(std::make_unique<Impl>(service, std::move(options))) {}

GrpcServer::~GrpcServer() = default;

std::uint16_t GrpcServer::port() const { return impl_->port(); }

void GrpcServer::stop(std::chrono::milliseconds limit) { impl_->stop(limit); }

}  // namespace scrim
