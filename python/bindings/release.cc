// scrim/release.h
#include <scrim/release.h>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "bind.h"

namespace scrim::python {
namespace {

namespace py = pybind11;

void bind_rules(py::module_& module) {
  py::class_<InputRules>(module, "InputRules", "How a picture becomes the head's input.")
      .def(py::init<>())
      .def_readwrite("scale", &InputRules::scale, "Bilinear enlargement before the head, above 0.")
      .def_readwrite("mean", &InputRules::mean, "Subtracted from B, G, R in 0..255.")
      .def_readwrite("smallest_side", &InputRules::smallest_side, "In pixels; 0 where not stated.")
      .def_readwrite("largest_side", &InputRules::largest_side, "In pixels; 0 where not stated.");
}

void bind_parameters(py::module_& module) {
  using N = NoiseParameters;
  py::class_<N>(module, "NoiseParameters",
                "The learned noise: of A alphas, K directions that are sent, N channels.")
      .def(py::init<>())
      .def_readwrite("channels", &N::channels, "N, of the network at the split.")
      .def_readwrite("directions", &N::directions, "K, at most N.")
      .def_readwrite("clip", &N::clip, "In standard deviations of a direction.")
      .def_readwrite("alphas", &N::alphas, "A numbers in (0, 1), ascending.")
      .def_readwrite("scale", &N::scale, "A x K, at least 0.")
      .def_readwrite("sigma", &N::sigma, "A x K, above 0 wherever scale is.")
      .def_readwrite("mean", &N::mean, "N numbers, of the clean activation.")
      .def_readwrite("basis", &N::basis, "K x N, row by row: y = basis (activation - mean).")
      .def_readwrite("decode", &N::decode, "N x K, row by row.")
      .def_readwrite("held_out_variance", &N::held_out_variance, "K numbers.")
      .def_readwrite("held_out_covariance", &N::held_out_covariance, "K x K, or empty.")
      .def_readwrite("held_out_cell_norm", &N::held_out_cell_norm, "A numbers, or empty.");
}

void bind_manifest(py::module_& module) {
  using M = Manifest;
  py::class_<M>(module, "Manifest", "What a release says of itself: manifest.json.")
      .def(py::init<>())
      .def_readonly("format_version", &M::format_version)
      .def_readonly("release_id", &M::release_id, "SHA-256, 64 hexadecimal digits.")
      .def_readwrite("model", &M::model)
      .def_readwrite("task", &M::task, "As \"face-detection\" or \"classification\".")
      .def_readwrite("classes", &M::classes, "Of a classifier, in the order of its outputs.")
      .def_readwrite("split_point", &M::split_point, "The module whose output crosses the cut.")
      .def_readwrite("objective", &M::objective)
      .def_readwrite("input", &M::input)
      .def_readwrite("stride", &M::stride, "Input pixels per cell of the activation, each way.")
      .def_readwrite("alphas", &M::alphas, "Calibrated, ascending.")
      .def_readwrite("data_digest", &M::data_digest, "SHA-256 of the training list.")
      .def_readonly("tool_version", &M::tool_version)
      .def_readonly("created", &M::created, "UTC, RFC 3339.")
      .def_readwrite("licences", &M::licences)
      .def_readonly("files", &M::files, "Relative path -> SHA-256.");
}

}  // namespace

void bind_release(py::module_& module) {
  using Path = std::filesystem::path;
  using Free = py::call_guard<py::gil_scoped_release>;
  bind_rules(module);
  bind_parameters(module);
  bind_manifest(module);
  py::class_<ReleaseParts>(module, "ReleaseParts", "What learning hands over to be sealed.")
      .def(py::init<>())
      .def_readwrite("manifest", &ReleaseParts::manifest)
      .def_readwrite("noise", &ReleaseParts::noise)
      .def_readwrite("head", &ReleaseParts::head, "A TorchScript file.")
      .def_readwrite("tail", &ReleaseParts::tail, "A TorchScript file.")
      .def_readwrite("evidence", &ReleaseParts::evidence, "File name -> text.");
  py::class_<Release>(module, "Release", "An opened, fully checked release folder. Immutable.")
      .def_static("open", &Release::open, py::arg("folder"), Free(),
                  "Checks every hash and every number of a release folder.\n\n"
                  "Raises NotFound, Corrupt, Unsupported (a newer format).")
      .def_static("write", &Release::write, py::arg("folder"), py::arg("parts"), Free(),
                  "Writes a release whole or not at all, and opens it.\n\n"
                  "Raises InvalidArgument, NotFound, Unavailable.")
      .def_property_readonly("folder", [](const Release& r) { return Path(r.folder()); })
      .def_property_readonly("manifest", &Release::manifest, py::return_value_policy::copy)
      .def_property_readonly(
          "id", [](const Release& r) { return r.id(); },
          "SHA-256 over all parts, 64 hexadecimal digits.")
      .def_property_readonly(
          "contract_digest", [](const Release& r) { return r.contract_digest(); },
          "SHA-256 of server/contract.json, hexadecimal.")
      .def_property_readonly("noise", &Release::noise, py::return_value_policy::copy,
                             "The NoiseParameters; a copy.")
      .def_property_readonly("head", &Release::head, "The head's TorchScript file.")
      .def_property_readonly("tail", &Release::tail, "The tail's TorchScript file.")
      .def("__repr__", [](const Release& r) {
        return "<scrim.Release " + r.id().substr(0, 12) + " of " + r.manifest().model + ">";
      });
}

}  // namespace scrim::python
