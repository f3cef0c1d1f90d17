#include "rpc/infer_stream.h"

#include "rpc/rpc_infer.h"

#include <vector>

namespace scrim {

void OpenStreams::add(const std::shared_ptr<InferStream>& stream) {
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    streams_.insert(stream);
    ended = ended_;
  }
  if (ended) stream->end();
}

void OpenStreams::remove(const std::shared_ptr<InferStream>& stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

void OpenStreams::end() {
  std::vector<std::shared_ptr<InferStream>> open;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    open.assign(streams_.begin(), streams_.end());
  }
  for (const auto& stream : open) stream->end();
}

void InferStream::begin() {
  streams_.add(shared_from_this());
  const std::lock_guard lock(mutex_);
  proceed();
}

void InferStream::end() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  proceed();
}

void InferStream::OnReadDone(bool ok) {
  std::shared_ptr<const inference::ModelInferRequest> request;
  Answer* answer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    if (ok && !closed_) {
      request = std::make_shared<const inference::ModelInferRequest>(std::move(next_));
      next_ = {};
      // In the same breath: once another read may begin, this one's place is taken.
      answer = &answers_.emplace_back();
    } else {
      closed_ = true;
      proceed();
    }
  }
  if (request) start(std::move(request), *answer);
}

void InferStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (!ok) closed_ = true;
  answers_.pop_front();
  proceed();
}

void InferStream::start(std::shared_ptr<const inference::ModelInferRequest> request,
                        Answer& answer) {
  const std::string& id = request->id();
  InferCall call{request->model_name(), request->model_version(), {}, request, gone_.get_token()};
  try {
    call.request = infer_request_of(*request);
  } catch (const RequestError& error) {
    answered(answer, id, false, error);
    return;
  }
  const auto wanted = call.request.parameters.find(kFinalResponseWanted);
  const bool mark = wanted != call.request.parameters.end() && std::get<bool>(wanted->second);
  {
    // The next one may be read while this one runs.
    const std::lock_guard lock(mutex_);
    proceed();
  }
  service_.infer(std::move(call), [this, &answer, id, mark](InferResult result) {
    answered(answer, id, mark, std::move(result));
  });
}

void InferStream::answered(Answer& answer, const std::string& id, bool mark, InferResult result) {
  inference::ModelStreamInferResponse message;
  if (const auto* error = std::get_if<RequestError>(&result)) {
    message.set_error_message(error->what());
    message.mutable_infer_response()->set_id(id);
  } else {
    *message.mutable_infer_response() = message_of(std::get<InferResponse>(std::move(result)));
    auto& parameters = *message.mutable_infer_response()->mutable_parameters();
    if (mark) parameters["triton_final_response"].set_bool_param(true);
  }
  const std::lock_guard lock(mutex_);
  answer.message = std::move(message);
  answer.ready = true;
  proceed();
}

void InferStream::proceed() {
  if (finished_) return;
  if (!writing_ && !answers_.empty() && answers_.front().ready) {
    writing_ = true;
    StartWrite(&answers_.front().message);
  }
  if (closed_ && answers_.empty()) {
    finished_ = true;
    Finish(grpc::Status::OK);
  } else if (!closed_ && !reading_ && answers_.size() < kMostWaiting) {
    reading_ = true;
    StartRead(&next_);
  }
}

}  // namespace scrim
