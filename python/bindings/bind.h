// The functions that each add one public header to the module; module.cc calls them in order.
#pragma once

#include <pybind11/pybind11.h>

namespace scrim::python {

void bind_status(pybind11::module_& module);
void bind_key(pybind11::module_& module);
void bind_release(pybind11::module_& module);
void bind_activation(pybind11::module_& module);
void bind_noise(pybind11::module_& module);
void bind_client(pybind11::module_& module);

}  // namespace scrim::python
