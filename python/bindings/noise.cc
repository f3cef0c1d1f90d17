// scrim/noise.h
#include <scrim/noise.h>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <string>

#include <scrim/status.h>

#include "activation.h"
#include "arrays.h"
#include "bind.h"
#include "wire.h"

namespace scrim::python {
namespace {

namespace py = pybind11;

std::unique_ptr<Noise> make_noise(const Release& release, const Key& key, double alpha,
                                  const std::string& draw, const std::string& wire,
                                  std::shared_ptr<Accountant> accountant,
                                  const std::string& source) {
  return std::make_unique<Noise>(release, key,
                                 NoiseOptions{.alpha = alpha,
                                              .draw = draw_of(draw),
                                              .wire = wire_of(wire),
                                              .accountant = std::move(accountant),
                                              .source = source});
}

py::object apply_noise(const Noise& noise, py::handle activation) {
  const FloatArray in = float_array(activation, "the activation");
  return noisy_array([&] {
    const py::gil_scoped_release free;
    return noise(in.shape, in.values());
  }());
}

// Writes to `out`; returns how many values the wire's largest held.
std::int64_t apply_into(const Noise& noise, py::handle activation, py::handle out) {
  const FloatArray in = float_array(activation, "the activation");
  const FloatArray target = float_array(out, "out");
  const std::span<float> values = writable_values(target, out);
  if (target.shape != in.shape) {
    throw Error(ErrorCode::kInvalidArgument, "out has another shape than the activation");
  }
  const py::gil_scoped_release free;
  return noise.apply(in.shape, in.values(), values);
}

Activation copied(py::handle activation) {
  const FloatArray in = float_array(activation, "the activation");
  return {{in.shape, {in.values().begin(), in.values().end()}}};
}

py::tuple as_tuple(const Spent& spent) { return py::make_tuple(spent.releases, spent.alpha); }

void bind_accountant(py::module_& module) {
  using Free = py::call_guard<py::gil_scoped_release>;
  py::class_<Accountant, std::shared_ptr<Accountant>>(
      module, "Accountant", "Counts releases in a file and refuses those beyond a limit.")
      .def_static(
          "open",
          [](const std::filesystem::path& file, const Release& release, const Key& key,
             double least_alpha) {
            return Accountant::open(file, release, key, {.least_alpha = least_alpha});
          },
          py::arg("file"), py::arg("release"), py::arg("key"), py::kw_only(),
          py::arg("least_alpha"), Free(),
          "Opens the file or makes a new one. least_alpha, in (0, 1): below it the alpha of all "
          "releases of one input together may not fall.\n\nRaises InvalidArgument, Refused "
          "(another release or key), Corrupt.")
      .def_property_readonly("least_alpha", &Accountant::least_alpha)
      .def("releases", &Accountant::releases, Free(), "How many were counted.")
      .def(
          "spent_by",
          [](Accountant& a, const std::string& source) { return as_tuple(a.spent_by(source)); },
          py::arg("source"), "(releases, alpha of all together) of a source.")
      .def(
          "most_spent", [](Accountant& a) { return as_tuple(a.most_spent()); },
          "(releases, alpha) of the input or source with the lowest alpha.");
}

py::list measured(const AlphaMeter& meter) {
  py::list rows;
  for (const MeasuredAlpha& row : meter.measure()) {
    rows.append(py::dict(py::arg("alpha") = row.alpha, py::arg("diagonal") = row.diagonal,
                         py::arg("joint") = row.joint, py::arg("cell_norm") = row.cell_norm,
                         py::arg("within_margin") = row.within_margin));
  }
  return rows;
}

void bind_meter(py::module_& module) {
  py::class_<AlphaMeter>(module, "AlphaMeter",
                         "Measures the alphas of a release on activations of its head.")
      .def(py::init<const Release&>(), py::arg("release"))
      .def(
          "add", [](AlphaMeter& meter, py::handle given) { meter.add(copied(given)); },
          py::arg("activation"), "N x K x H x W, float32, clean.")
      .def("cells", &AlphaMeter::cells)
      .def("covariance", &AlphaMeter::covariance, "K x K over the cells added, row by row.")
      .def("measure", &measured, "A dict for each calibrated alpha.");
}

}  // namespace

void bind_noise(py::module_& module) {
  bind_accountant(module);
  bind_meter(module);
  py::class_<Noise>(module, "Noise", "The noise of one release at one alpha, drawn with one key.")
      .def(py::init(&make_noise), py::arg("release"), py::arg("key"), py::kw_only(),
           py::arg("alpha") = NoiseOptions{}.alpha, py::arg("draw") = "sticky",
           py::arg("wire") = "fp32", py::arg("accountant") = nullptr, py::arg("source") = "",
           "alpha: in (0, 1), one that the release was calibrated for.\n"
           "draw: 'sticky' (the same activation gets the same noise) or 'fresh'.\n"
           "wire: 'fp32', 'fp16' or 'int8'; values are rounded to what it carries.\n\n"
           "Raises InvalidArgument, Refused.")
      .def("__call__", &apply_noise, py::arg("activation"),
           "The activation with noise on every value.\n\n"
           "activation: N x K x H x W, float32, K the directions of the release: an array of "
           "NumPy, PyTorch, JAX or anything with __array__ or __dlpack__, in the processor's "
           "memory. Read without a copy where it is contiguous.\n\n"
           "Raises InvalidArgument on another type or shape and on a value that is not finite, "
           "Refused where the accountant or the release forbids it: then nothing leaves.")
      .def("_apply", &apply_into, py::arg("activation"), py::arg("out"))
      .def_property_readonly("alpha", &Noise::alpha)
      .def_property_readonly("realised_alpha", &Noise::realised_alpha,
                             "What held-out pictures show, or the promise if that is lower.")
      .def_property_readonly("joint_alpha", &Noise::joint_alpha,
                             "The same with correlations; NaN where learning did not measure it.")
      .def_property_readonly("bits_per_element", &Noise::bits_per_element,
                             "An upper bound on what passes: log2(1/alpha)/2, on average.")
      .def_property_readonly("bits_per_cell", &Noise::bits_per_cell)
      .def(
          "count_clipped",
          [](const Noise& n, py::handle given) { return n.count_clipped(copied(given)); },
          py::arg("activation"), "How many values lie beyond the clip and lose signal.")
      .def(
          "spent",
          [](const Noise& n, py::handle given) { return as_tuple(n.spent(copied(given))); },
          py::arg("activation"), "(releases, alpha of all together) of what left of this so far.")
      .def("__repr__", [](const Noise& n) {
        return "<scrim.Noise alpha=" + py::repr(py::float_(n.alpha())).cast<std::string>() + ">";
      });
}

}  // namespace scrim::python
