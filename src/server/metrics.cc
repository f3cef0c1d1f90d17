#include "server/metrics.h"

#include "protocol/infer_response.h"

#include <sys/sysinfo.h>

#include <sstream>

namespace scrim {
namespace {

// A value in quotes, as the format escapes it.
std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

// In the order of their names: client, model, reason, version, with a model's own labels first.
std::string labels(const ModelStatistics& model, const std::map<std::string, std::string>& tags,
                   const std::string& reason = "",
                   const std::optional<std::string>& client = std::nullopt) {
  std::string text = "{";
  for (const auto& [key, value] : tags) text += "_" + key + "=" + quoted(value) + ",";
  if (client) text += "client=" + quoted(*client) + ",";
  text += "model=" + quoted(model.name) + ",";
  if (!reason.empty()) text += "reason=" + quoted(reason) + ",";
  return text + "version=" + quoted(model.version) + "}";
}

void head(std::ostream& out, const char* name, const char* type, const char* help) {
  out << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
}

std::uint64_t microseconds(const TotalDuration& duration) { return duration.ns / 1000; }

struct Metric {
  const char* name;
  const char* type;
  const char* help;
  std::string (*value)(const ModelStatistics&);
};

std::string of(std::uint64_t number) { return std::to_string(number); }

constexpr Metric kMetrics[] = {
    {"nv_inference_request_success", "counter", "Number of successful inference requests",
     [](const ModelStatistics& m) { return of(m.success.count); }},
    {"nv_inference_count", "counter", "Number of inferences, a batch of n counting n",
     [](const ModelStatistics& m) { return of(m.inference_count); }},
    {"nv_inference_exec_count", "counter", "Number of runs of the model",
     [](const ModelStatistics& m) { return of(m.execution_count); }},
    {"nv_inference_request_duration_us", "counter", "Time of whole requests, in microseconds",
     [](const ModelStatistics& m) { return of(microseconds(m.success)); }},
    {"nv_inference_queue_duration_us", "counter", "Time in the queue, in microseconds",
     [](const ModelStatistics& m) { return of(microseconds(m.queue)); }},
    {"nv_inference_compute_input_duration_us", "counter",
     "Time to make inputs ready, in microseconds",
     [](const ModelStatistics& m) { return of(microseconds(m.compute_input)); }},
    {"nv_inference_compute_infer_duration_us", "counter", "Time to run the model, in microseconds",
     [](const ModelStatistics& m) { return of(microseconds(m.compute_infer)); }},
    {"nv_inference_compute_output_duration_us", "counter",
     "Time to make outputs ready, in microseconds",
     [](const ModelStatistics& m) { return of(microseconds(m.compute_output)); }},
    {"nv_inference_pending_request_count", "gauge", "Number of requests that wait now",
     [](const ModelStatistics& m) { return of(m.pending); }},
    {"nv_model_load_duration_secs", "gauge", "Time of the last load, in seconds",
     [](const ModelStatistics& m) { return std::to_string(m.load_seconds); }},
};

// What each client has sent to models with an obfuscation contract.
void write_clients(std::ostream& out, const std::vector<ModelStatistics>& models,
                   const std::vector<std::map<std::string, std::string>>& tags) {
  const auto write = [&](const char* name, auto value) {
    for (std::size_t i = 0; i < models.size(); ++i) {
      for (const auto& [client, use] : models[i].clients) {
        out << name << labels(models[i], tags[i], "", client) << ' ' << value(use) << '\n';
      }
    }
  };
  head(out, "scrim_client_requests_total", "counter",
       "Number of requests of a client that the obfuscation contract admitted");
  write("scrim_client_requests_total",
        [](const auto& use) { return std::to_string(use.requests); });
  head(out, "scrim_client_information_bits_total", "counter",
       "Upper bound on the information in what a client has sent, in bits");
  write("scrim_client_information_bits_total",
        [](const auto& use) { return std::to_string(use.bits); });
}

void write_memory(std::ostream& out) {
  struct sysinfo info {};
  if (sysinfo(&info) != 0) return;
  const std::uint64_t unit = info.mem_unit;
  head(out, "nv_cpu_memory_total_bytes", "gauge", "Memory of the machine, in bytes");
  out << "nv_cpu_memory_total_bytes " << info.totalram * unit << '\n';
  head(out, "nv_cpu_memory_used_bytes", "gauge", "Memory of the machine in use, in bytes");
  out << "nv_cpu_memory_used_bytes " << (info.totalram - info.freeram - info.bufferram) * unit
      << '\n';
}

}  // namespace

std::string metrics_text(const std::vector<ModelStatistics>& models,
                         const std::function<std::map<std::string, std::string>(
                             const std::string& model, const std::string& version)>& tags_of) {
  std::vector<std::map<std::string, std::string>> tags;
  for (const ModelStatistics& model : models) tags.push_back(tags_of(model.name, model.version));
  std::ostringstream out;
  for (const Metric& metric : kMetrics) {
    head(out, metric.name, metric.type, metric.help);
    for (std::size_t i = 0; i < models.size(); ++i) {
      out << metric.name << labels(models[i], tags[i]) << ' ' << metric.value(models[i]) << '\n';
    }
  }
  head(out, "nv_inference_request_failure", "counter",
       "Number of requests that failed after the queue had accepted them");
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const auto& [reason, count] : models[i].failures) {
      out << "nv_inference_request_failure" << labels(models[i], tags[i], reason) << ' ' << count
          << '\n';
    }
  }
  head(out, "scrim_contract_refused_total", "counter",
       "Number of requests that the obfuscation contract refused");
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const auto& [reason, count] : models[i].refusals) {
      out << "scrim_contract_refused_total" << labels(models[i], tags[i], reason) << ' ' << count
          << '\n';
    }
  }
  write_clients(out, models, tags);
  write_memory(out);
  return out.str();
}

HttpHandler::Plan MetricsApi::plan(const HttpHead&) { return {}; }

HttpAnswer MetricsApi::too_large(const HttpHead&, std::uint64_t) {
  return {400, "text/plain", {}, format_error("the metrics port takes no body")};
}

void MetricsApi::handle(HttpRequest request, std::function<void(HttpAnswer)> reply) {
  constexpr const char* kType = "text/plain; charset=utf-8";
  if (request.head.method != "GET") {
    reply({405, "text/plain", {}, format_error("Method Not Allowed")});
    return;
  }
  const std::string path = request.head.target.substr(0, request.head.target.find('?'));
  if (path != "/metrics" && path != "/metrics/") {
    reply({200, kType, {}, ""});
    return;
  }
  const auto tags_of = [this](const std::string& model, const std::string& version) {
    try {
      return service_.model_config(model, version)->metric_tags;
    } catch (const RequestError&) {
      return std::map<std::string, std::string>{};  // unloaded in between
    }
  };
  reply({200, kType, {}, metrics_text(service_.statistics("", ""), tags_of)});
}

}  // namespace scrim
