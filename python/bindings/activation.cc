// scrim/activation.h
#include "activation.h"

#include <pybind11/gil_safe_call_once.h>

#include <scrim/release.h>
#include <scrim/status.h>

#include <memory>
#include <string>

#include "arrays.h"
#include "bind.h"
#include "wire.h"

namespace scrim::python {
namespace {

namespace py = pybind11;

const py::object& array_type() {
  static py::gil_safe_call_once_and_store<py::object> type;
  return type
      .call_once_and_store_result(
          [] { return py::module_::import("scrim._noisy").attr("NoisyActivation"); })
      .get_stored();
}

}  // namespace

py::object noisy_array(NoisyActivation noisy) {
  const auto sent = py::cast(std::make_unique<NoisyActivation>(std::move(noisy)));
  const auto view = view_of(sent.cast<const NoisyActivation&>().tensor(), sent);
  py::object result = view.attr("view")(array_type());
  result.attr("_sent") = sent;
  return result;
}

SentActivation::SentActivation(py::handle array) : owner_(py::none()) {
  if (py::isinstance(array, array_type())) owner_ = array.attr("_sent");
  if (owner_.is_none()) {
    throw Error(ErrorCode::kRefused,
                "only what a Noise returned may leave, and this is another array: pass "
                "noise(activation) as it is");
  }
  noisy_ = owner_.cast<const NoisyActivation*>();
}

void bind_activation(py::module_& module) {
  py::class_<NoisyActivation>(module, "Sent", "What a NoisyActivation was made over.")
      .def_property_readonly("release_id", &NoisyActivation::release_id)
      .def_property_readonly("alpha", &NoisyActivation::alpha)
      .def_property_readonly("wire_type",
                             [](const NoisyActivation& n) { return name_of(n.wire_type()); })
      .def_property_readonly("saturated", &NoisyActivation::saturated)
      .def_property_readonly("contract_digest", &NoisyActivation::contract_digest)
      .def_property_readonly("fresh_nonce", &NoisyActivation::fresh_nonce);
  module.def(
      "to_wire",
      [](py::handle noisy_activation, const Release& release) {
        const SentActivation noisy(noisy_activation);
        std::string message;
        {
          const py::gil_scoped_release free;
          message = to_wire(*noisy, release);
        }
        return py::bytes(message);
      },
      py::arg("noisy_activation"), py::arg("release"),
      "The message that carries a noisy activation, of the wire that its Noise has.\n\n"
      "Raises InvalidArgument on another release's, Refused on what no Noise returned.");
  module.def(
      "from_wire",
      [](const py::bytes& message, const Release& release) {
        const auto text = static_cast<std::string_view>(message);
        return noisy_array([&] {
          const py::gil_scoped_release free;
          return from_wire(text, release);
        }());
      },
      py::arg("message"), py::arg("release"),
      "The other end of to_wire: the same values, bit for bit.\n\n"
      "Raises Corrupt, Unsupported (another version), InvalidArgument (another release).");
}

}  // namespace scrim::python
