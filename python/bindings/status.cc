// Errors become exceptions of scrim.errors, one class a code.
#include <scrim/status.h>

#include "bind.h"

namespace scrim::python {
namespace {

namespace py = pybind11;

void raise(const Error& error) {
  const auto type = py::module_::import("scrim.errors").attr("of_code")(name(error.code()));
  PyErr_SetString(type.ptr(), error.what());
}

}  // namespace

void bind_status(py::module_& module) {
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    }
  });
  module.def("version", &version, "The version of the library, as in \"0.1.0\".");
  module.def(
      "exit_code",
      [](std::string_view code) {
        for (const auto one :
             {ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kCorrupt,
              ErrorCode::kUnsupported, ErrorCode::kUnavailable, ErrorCode::kRefused}) {
          if (name(one) == code) return exit_code(one);
        }
        return exit_code(ErrorCode::kInternal);
      },
      py::arg("code"), "The exit code of the command line for an error's code.");
}

}  // namespace scrim::python
