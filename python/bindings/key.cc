// scrim/key.h
#include <scrim/key.h>

#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <string>

#include <scrim/status.h>

#include "bind.h"

namespace scrim::python {
namespace {

namespace py = pybind11;

OldKey old_key_of(const std::string& name) {
  if (name == "keep") return OldKey::kKeep;
  if (name == "destroy") return OldKey::kDestroy;
  throw Error(ErrorCode::kInvalidArgument, "old must be 'keep' or 'destroy', got '" + name + "'");
}

Key key_from(const py::bytes& given) {
  const auto text = static_cast<std::string_view>(given);
  std::array<std::uint8_t, Key::kBytes> bytes{};
  if (text.size() != bytes.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                "a key has 32 bytes, got " + std::to_string(text.size()));
  }
  std::ranges::copy(text, bytes.begin());
  return Key::from_bytes(bytes);
}

}  // namespace

void bind_key(py::module_& module) {
  using Path = std::filesystem::path;
  using Free = py::call_guard<py::gil_scoped_release>;
  py::class_<Key>(module, "Key",
                  "The secret that the noise is drawn with: 32 bytes that are never shown.")
      .def_static("create", &Key::create, py::arg("path"), Free(),
                  "Draws a new key and writes it to a new file of mode 0600.\n\n"
                  "Raises InvalidArgument if the file exists, NotFound, Unavailable.")
      .def_static("load", &Key::load, py::arg("path"), Free(),
                  "Reads a key file.\n\nRaises NotFound, Corrupt, Unsupported; Refused if others "
                  "than its owner can read it.")
      .def_static(
          "rotate",
          [](const Path& path, const std::string& old) {
            return Key::rotate(path, old_key_of(old));
          },
          py::arg("path"), py::arg("old") = "keep", Free(),
          "Replaces the key in the file; an Accountant goes on counting.\n\n"
          "old: 'keep' leaves the old key as PATH.FINGERPRINT, 'destroy' removes it.")
      .def_static("from_bytes", &key_from, py::arg("bytes"),
                  "A key of 32 given bytes, for tests. Never for a release of real data.")
      .def("fingerprint", &Key::fingerprint,
           "Eight hexadecimal digits that tell two keys apart and reveal nothing of either.")
      .def("__repr__", [](const Key& key) { return "<scrim.Key " + key.fingerprint() + ">"; });
}

}  // namespace scrim::python
