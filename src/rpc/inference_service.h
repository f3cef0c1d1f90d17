// inference.GRPCInferenceService over the service: every call asks the permissions first.
#pragma once

#include "rpc/infer_stream.h"
#include "rpc/inference_service.grpc.pb.h"
#include "server/permissions.h"
#include "server/service.h"

namespace scrim {

class InferenceService final : public inference::GRPCInferenceService::CallbackService {
 public:
  // Both outlive this.
  InferenceService(scrim::Service& service, const Permissions& permissions)
      : service_(service), permissions_(permissions) {}

  void end_streams() { streams_.end(); }

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  using Stream =
      grpc::ServerBidiReactor<inference::ModelInferRequest, inference::ModelStreamInferResponse>;

  Reactor* ServerLive(Context* context, const inference::ServerLiveRequest* request,
                      inference::ServerLiveResponse* response) override;
  Reactor* ServerReady(Context* context, const inference::ServerReadyRequest* request,
                       inference::ServerReadyResponse* response) override;
  Reactor* ModelReady(Context* context, const inference::ModelReadyRequest* request,
                      inference::ModelReadyResponse* response) override;
  Reactor* ServerMetadata(Context* context, const inference::ServerMetadataRequest* request,
                          inference::ServerMetadataResponse* response) override;
  Reactor* ModelMetadata(Context* context, const inference::ModelMetadataRequest* request,
                         inference::ModelMetadataResponse* response) override;
  Reactor* ModelInfer(Context* context, const inference::ModelInferRequest* request,
                      inference::ModelInferResponse* response) override;
  Stream* ModelStreamInfer(Context* context) override;
  Reactor* ModelConfig(Context* context, const inference::ModelConfigRequest* request,
                       inference::ModelConfigResponse* response) override;
  Reactor* ModelStatistics(Context* context, const inference::ModelStatisticsRequest* request,
                           inference::ModelStatisticsResponse* response) override;
  Reactor* RepositoryIndex(Context* context, const inference::RepositoryIndexRequest* request,
                           inference::RepositoryIndexResponse* response) override;
  Reactor* RepositoryModelLoad(Context* context,
                               const inference::RepositoryModelLoadRequest* request,
                               inference::RepositoryModelLoadResponse* response) override;
  Reactor* RepositoryModelUnload(Context* context,
                                 const inference::RepositoryModelUnloadRequest* request,
                                 inference::RepositoryModelUnloadResponse* response) override;

  Reactor* SystemSharedMemoryStatus(Context* context,
                                    const inference::SharedMemoryStatusRequest* request,
                                    inference::UnservedResponse* response) override;
  Reactor* CudaSharedMemoryStatus(Context* context,
                                  const inference::SharedMemoryStatusRequest* request,
                                  inference::UnservedResponse* response) override;
  Reactor* SystemSharedMemoryRegister(Context* context, const inference::UnservedRequest* request,
                                      inference::UnservedResponse* response) override;
  Reactor* SystemSharedMemoryUnregister(Context* context, const inference::UnservedRequest* request,
                                        inference::UnservedResponse* response) override;
  Reactor* CudaSharedMemoryRegister(Context* context, const inference::UnservedRequest* request,
                                    inference::UnservedResponse* response) override;
  Reactor* CudaSharedMemoryUnregister(Context* context, const inference::UnservedRequest* request,
                                      inference::UnservedResponse* response) override;
  Reactor* TraceSetting(Context* context, const inference::UnservedRequest* request,
                        inference::UnservedResponse* response) override;
  Reactor* LogSettings(Context* context, const inference::UnservedRequest* request,
                       inference::UnservedResponse* response) override;

 private:
  // Runs `work` if the caller may, and finishes the call with what it threw, or OK.
  template <typename Work>
  Reactor* answer(Context* context, ApiGroup group, const Work& work) const;
  Reactor* no_shared_memory(Context* context) const;
  Reactor* shared_memory_status(Context* context, const char* kind,
                                const std::string& region) const;

  scrim::Service& service_;  // not the generated class of that name
  const Permissions& permissions_;
  OpenStreams streams_;
};

}  // namespace scrim
