// scrim/client.h
#include <scrim/client.h>

#include <pybind11/chrono.h>
#include <pybind11/stl.h>

#include <cmath>
#include <string>

#include <scrim/status.h>

#include "activation.h"
#include "arrays.h"
#include "bind.h"

namespace scrim::python {
namespace {

namespace py = pybind11;
using Headers = std::vector<std::pair<std::string, std::string>>;

std::chrono::milliseconds milliseconds(double seconds, const char* what) {
  if (!(seconds > 0 && seconds < 1e6)) {
    throw Error(ErrorCode::kInvalidArgument, std::string(what) + " must be in (0, 1e6) seconds");
  }
  return std::chrono::milliseconds(std::llround(std::max(1.0, seconds * 1000)));
}

std::unique_ptr<Client> make_client(const std::string& url, bool require_contract,
                                    bool allow_plain_http, const ClientTls& tls,
                                    const std::optional<ClientTag>& tag, const Headers& headers,
                                    double connect_timeout, double timeout, int retries,
                                    std::uint64_t max_answer_bytes, bool json) {
  return std::make_unique<Client>(
      url, ClientOptions{.require_contract = require_contract,
                         .allow_plain_http = allow_plain_http,
                         .tls = tls,
                         .tag = tag,
                         .headers = headers,
                         .connect_timeout = milliseconds(connect_timeout, "connect_timeout"),
                         .timeout = milliseconds(timeout, "timeout"),
                         .retries = retries,
                         .max_answer_bytes = max_answer_bytes,
                         .json = json});
}

// What Python has of an Inference: its outputs are arrays already.
struct Answer {
  py::list outputs;
  std::string model_version;
  std::size_t bytes_sent, bytes_received;
};

Answer answer_of(Inference inference) {
  Answer answer{py::list(), inference.model_version, inference.bytes_sent,
                inference.bytes_received};
  for (Tensor& output : inference.outputs) answer.outputs.append(array_of(std::move(output)));
  return answer;
}

Answer infer(Client& client, const std::string& model, py::handle noisy_activation) {
  const SentActivation noisy(noisy_activation);
  return answer_of([&] {
    const py::gil_scoped_release free;
    return client.infer(model, *noisy);
  }());
}

Answer infer_clean(Client& client, const std::string& model, py::handle input) {
  const FloatArray in = float_array(input, "the input");
  const Tensor tensor{in.shape, {in.values().begin(), in.values().end()}};
  return answer_of([&] {
    const py::gil_scoped_release free;
    return client.infer_clean(model, tensor);
  }());
}

void bind_parts(py::module_& module) {
  py::class_<ClientTls>(module, "ClientTls", "Whom the client trusts and who it is: PEM texts.")
      .def(py::init<std::string, std::string, std::string, std::string>(), py::kw_only(),
           py::arg("authority") = "", py::arg("certificate") = "", py::arg("private_key") = "",
           py::arg("pinned_key") = "");
  py::class_<ClientTag>(module, "ClientTag",
                        "The name and key that a server knows this client by. Not the noise's key.")
      .def(py::init<std::string, Key>(), py::arg("name"), py::arg("key"));
  py::class_<Answer>(module, "Inference", "What came back for one noisy activation.")
      .def_readonly("outputs", &Answer::outputs, "float32 arrays, in the order of the config.")
      .def_readonly("model_version", &Answer::model_version)
      .def_readonly("bytes_sent", &Answer::bytes_sent, "Of the request's body.")
      .def_readonly("bytes_received", &Answer::bytes_received, "Of the answer's body.");
}

}  // namespace

void bind_client(py::module_& module) {
  using Free = py::call_guard<py::gil_scoped_release>;
  const ClientOptions defaults;
  bind_parts(module);
  py::class_<Client>(module, "Client", "Calls one server of the Open Inference Protocol over HTTP.")
      .def(py::init(&make_client), py::arg("url"), py::kw_only(),
           py::arg("require_contract") = defaults.require_contract,
           py::arg("allow_plain_http") = defaults.allow_plain_http, py::arg("tls") = ClientTls{},
           py::arg("tag") = py::none(), py::arg("headers") = Headers{},
           py::arg("connect_timeout") = 5.0, py::arg("timeout") = 60.0,
           py::arg("retries") = defaults.retries,
           py::arg("max_answer_bytes") = defaults.max_answer_bytes, py::arg("json") = defaults.json,
           "url: HOST:PORT, http://HOST:PORT or https://HOST:PORT. Timeouts are in seconds.\n\n"
           "Raises InvalidArgument; Refused for plain HTTP to another machine.")
      .def("live", &Client::live, Free())
      .def("ready", py::overload_cast<>(&Client::ready), Free())
      .def("ready", py::overload_cast<const std::string&>(&Client::ready), py::arg("model"), Free())
      .def(
          "server",
          [](Client& client) {
            const auto server = [&] {
              const py::gil_scoped_release free;
              return client.server();
            }();
            return py::make_tuple(server.name, server.version);
          },
          "(name, version) as the server says them.")
      .def("infer", &infer, py::arg("model"), py::arg("noisy_activation"),
           "Asks the model with what a Noise returned, and nothing else.\n\n"
           "Raises Unavailable, NotFound, Refused (nothing was sent to a model of another "
           "contract), InvalidArgument, Unsupported, Corrupt.")
      .def("infer_clean", &infer_clean, py::arg("model"), py::arg("input"),
           "Sends a tensor without noise: whoever runs the server sees what it holds.");
}

}  // namespace scrim::python
