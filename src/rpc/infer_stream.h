// ModelStreamInfer: inferences one after the other on one call, answered in the order they came.
#pragma once

#include "rpc/inference_service.grpc.pb.h"
#include "server/service.h"

#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>

namespace scrim {

class InferStream;

// The streams that are open, so that the server can end them.
class OpenStreams {
 public:
  void add(const std::shared_ptr<InferStream>& stream);
  void remove(const std::shared_ptr<InferStream>& stream);
  // Each answers what it has read, and closes.
  void end();

 private:
  std::mutex mutex_;
  std::set<std::shared_ptr<InferStream>> streams_;
  bool ended_ = false;
};

class InferStream final : public grpc::ServerBidiReactor<inference::ModelInferRequest,
                                                         inference::ModelStreamInferResponse>,
                          public std::enable_shared_from_this<InferStream> {
 public:
  // How many requests of one stream are held: more are read when some are answered.
  static constexpr std::size_t kMostWaiting = 64;

  InferStream(Service& service, OpenStreams& streams) : service_(service), streams_(streams) {}
  void begin();
  void end();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override { gone_.request_stop(); }
  void OnDone() override { streams_.remove(shared_from_this()); }

 private:
  struct Answer {
    bool ready = false;
    inference::ModelStreamInferResponse message;
  };

  void start(std::shared_ptr<const inference::ModelInferRequest> request, Answer& answer);
  void answered(Answer& answer, const std::string& id, bool mark, InferResult result);
  // With mutex_ held: what may go on now.
  void proceed();

  Service& service_;
  OpenStreams& streams_;
  std::stop_source gone_;
  std::mutex mutex_;
  inference::ModelInferRequest next_;
  std::deque<Answer> answers_;  // in the order of the requests; references stay valid
  bool reading_ = false, writing_ = false, closed_ = false, finished_ = false;
};

}  // namespace scrim
