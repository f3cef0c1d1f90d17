// The module scrim._scrim: what is bound of the public headers, and nothing else.
#include "bind.h"

PYBIND11_MODULE(_scrim, module) {
  module.doc() = "The C++ library behind scrim; import scrim instead.";
  scrim::python::bind_status(module);
  scrim::python::bind_key(module);
  scrim::python::bind_release(module);
  scrim::python::bind_activation(module);
  scrim::python::bind_noise(module);
  scrim::python::bind_client(module);
}
