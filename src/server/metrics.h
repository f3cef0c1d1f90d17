// The service's numbers as Prometheus reads them.
#pragma once

#include "server/http_message.h"
#include "server/service.h"

#include <string>

namespace scrim {

// The text of /metrics: the reference server's names, types, labels and units for what both have,
// "scrim_" before what is ours. `tags_of` gives a model's own labels (metric_tags).
std::string metrics_text(const std::vector<ModelStatistics>& models,
                         const std::function<std::map<std::string, std::string>(
                             const std::string& model, const std::string& version)>& tags_of);

// Answers on the metrics port: the text at /metrics, nothing elsewhere.
class MetricsApi : public HttpHandler {
 public:
  explicit MetricsApi(Service& service) : service_(service) {}

  Plan plan(const HttpHead& head) override;
  HttpAnswer too_large(const HttpHead& head, std::uint64_t limit) override;
  void handle(HttpRequest request, std::function<void(HttpAnswer)> reply) override;

 private:
  Service& service_;
};

}  // namespace scrim
