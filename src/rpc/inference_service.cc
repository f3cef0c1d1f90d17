#include "rpc/inference_service.h"

#include "rpc/call_permission.h"
#include "rpc/rpc_infer.h"
#include "rpc/rpc_message.h"

namespace scrim {
namespace {

using Context = InferenceService::Context;
using Reactor = InferenceService::Reactor;

// One inference; deletes itself when the call is over.
class InferCallReactor final : public Reactor {
 public:
  void begin(Service& service, const inference::ModelInferRequest& request,
             inference::ModelInferResponse& response) {
    InferCall call{request.model_name(), request.model_version(), {}, nullptr, gone_.get_token()};
    try {
      call.request = infer_request_of(request);
    } catch (const RequestError& error) {
      Finish(status_of(error));
      return;
    }
    service.infer(std::move(call), [this, &response](InferResult result) {
      if (const auto* error = std::get_if<RequestError>(&result)) {
        Finish(status_of(*error));
        return;
      }
      response = message_of(std::get<InferResponse>(std::move(result)));
      Finish(grpc::Status::OK);
    });
  }

  void OnCancel() override { gone_.request_stop(); }
  void OnDone() override { delete this; }

 private:
  std::stop_source gone_;
};

// Refuses a stream before it begins.
class RefusedStream final : public InferenceService::Stream {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

template <typename Work>
Reactor* InferenceService::answer(Context* context, ApiGroup group, const Work& work) const {
  Reactor* reactor = context->DefaultReactor();
  grpc::Status status = grpc::Status::OK;
  try {
    check_permission(permissions_, group, *context);
    work();
  } catch (const RequestError& error) {
    status = status_of(error);
  }
  reactor->Finish(status);
  return reactor;
}

Reactor* InferenceService::ServerLive(Context* context, const inference::ServerLiveRequest*,
                                      inference::ServerLiveResponse* response) {
  return answer(context, ApiGroup::kHealth, [&] { response->set_live(service_.live()); });
}

Reactor* InferenceService::ServerReady(Context* context, const inference::ServerReadyRequest*,
                                       inference::ServerReadyResponse* response) {
  return answer(context, ApiGroup::kHealth, [&] { response->set_ready(service_.ready()); });
}

Reactor* InferenceService::ModelReady(Context* context, const inference::ModelReadyRequest* request,
                                      inference::ModelReadyResponse* response) {
  return answer(context, ApiGroup::kHealth, [&] {
    response->set_ready(service_.model_ready(request->name(), request->version()));
  });
}

Reactor* InferenceService::ServerMetadata(Context* context, const inference::ServerMetadataRequest*,
                                          inference::ServerMetadataResponse* response) {
  return answer(context, ApiGroup::kMetadata, [&] { *response = message_of(service_.metadata()); });
}

Reactor* InferenceService::ModelMetadata(Context* context,
                                         const inference::ModelMetadataRequest* request,
                                         inference::ModelMetadataResponse* response) {
  return answer(context, ApiGroup::kMetadata, [&] {
    *response = message_of(service_.model_metadata(request->name(), request->version()));
  });
}

Reactor* InferenceService::ModelInfer(Context* context, const inference::ModelInferRequest* request,
                                      inference::ModelInferResponse* response) {
  try {
    check_permission(permissions_, ApiGroup::kInference, *context);
  } catch (const RequestError& error) {
    Reactor* reactor = context->DefaultReactor();
    reactor->Finish(status_of(error));
    return reactor;
  }
  auto* reactor = new InferCallReactor;
  reactor->begin(service_, *request, *response);
  return reactor;
}

InferenceService::Stream* InferenceService::ModelStreamInfer(Context* context) {
  try {
    check_permission(permissions_, ApiGroup::kInference, *context);
  } catch (const RequestError& error) {
    return new RefusedStream(status_of(error));
  }
  const auto stream = std::make_shared<InferStream>(service_, streams_);
  stream->begin();
  return stream.get();  // streams_ keeps it until it is done
}

Reactor* InferenceService::ModelConfig(Context* context,
                                       const inference::ModelConfigRequest* request,
                                       inference::ModelConfigResponse* response) {
  return answer(context, ApiGroup::kModelConfig, [&] {
    const auto config = service_.model_config(request->name(), request->version());
    response->mutable_config()->ParseFromString(config->serialised);
  });
}

Reactor* InferenceService::ModelStatistics(Context* context,
                                           const inference::ModelStatisticsRequest* request,
                                           inference::ModelStatisticsResponse* response) {
  return answer(context, ApiGroup::kStatistics, [&] {
    *response = message_of(service_.statistics(request->name(), request->version()));
  });
}

Reactor* InferenceService::RepositoryIndex(Context* context,
                                           const inference::RepositoryIndexRequest* request,
                                           inference::RepositoryIndexResponse* response) {
  return answer(context, ApiGroup::kModelRepository,
                [&] { *response = message_of(service_.index(request->ready())); });
}

Reactor* InferenceService::RepositoryModelLoad(Context* context,
                                               const inference::RepositoryModelLoadRequest* request,
                                               inference::RepositoryModelLoadResponse*) {
  return answer(context, ApiGroup::kModelRepository,
                [&] { service_.load(request->model_name(), config_override(*request)); });
}

Reactor* InferenceService::RepositoryModelUnload(
    Context* context, const inference::RepositoryModelUnloadRequest* request,
    inference::RepositoryModelUnloadResponse*) {
  return answer(context, ApiGroup::kModelRepository, [&] {
    check_unload(*request);
    service_.unload(request->model_name());
  });
}

Reactor* InferenceService::shared_memory_status(Context* context, const char* kind,
                                                const std::string& region) const {
  return answer(context, ApiGroup::kSharedMemory, [&] {
    if (region.empty()) return;
    throw RequestError(RequestFault::kNotFound, std::string("Unable to find ") + kind +
                                                    " shared memory region: '" + region + "'");
  });
}

Reactor* InferenceService::no_shared_memory(Context* context) const {
  return answer(context, ApiGroup::kSharedMemory, [] {
    throw RequestError(RequestFault::kUnsupported,
                       "Client shared memory is disabled. Start the server with "
                       "'--allow-client-shm=true' to enable.");
  });
}

Reactor* InferenceService::SystemSharedMemoryStatus(
    Context* context, const inference::SharedMemoryStatusRequest* request,
    inference::UnservedResponse*) {
  return shared_memory_status(context, "system", request->name());
}

Reactor* InferenceService::CudaSharedMemoryStatus(
    Context* context, const inference::SharedMemoryStatusRequest* request,
    inference::UnservedResponse*) {
  return shared_memory_status(context, "cuda", request->name());
}

Reactor* InferenceService::SystemSharedMemoryRegister(Context* context,
                                                      const inference::UnservedRequest*,
                                                      inference::UnservedResponse*) {
  return no_shared_memory(context);
}

Reactor* InferenceService::SystemSharedMemoryUnregister(Context* context,
                                                        const inference::UnservedRequest*,
                                                        inference::UnservedResponse*) {
  return no_shared_memory(context);
}

Reactor* InferenceService::CudaSharedMemoryRegister(Context* context,
                                                    const inference::UnservedRequest*,
                                                    inference::UnservedResponse*) {
  return no_shared_memory(context);
}

Reactor* InferenceService::CudaSharedMemoryUnregister(Context* context,
                                                      const inference::UnservedRequest*,
                                                      inference::UnservedResponse*) {
  return no_shared_memory(context);
}

Reactor* InferenceService::TraceSetting(Context* context, const inference::UnservedRequest*,
                                        inference::UnservedResponse*) {
  return answer(context, ApiGroup::kTrace, [] {
    throw RequestError(RequestFault::kUnavailable, "the server does not support trace");
  });
}

Reactor* InferenceService::LogSettings(Context* context, const inference::UnservedRequest*,
                                       inference::UnservedResponse*) {
  return answer(context, ApiGroup::kLogging, [] {
    throw RequestError(RequestFault::kUnsupported,
                       "log settings are not read or changed over the network");
  });
}

}  // namespace scrim
