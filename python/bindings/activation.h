// A NoisyActivation as Python has it: an array that knows which noise it came from.
#pragma once

#include <pybind11/pybind11.h>

#include <scrim/activation.h>

namespace scrim::python {

// The array scrim.NoisyActivation over the values of `noisy`, without a copy.
pybind11::object noisy_array(NoisyActivation noisy);

// What the array was made over, and what keeps it alive while others run. Throws kRefused for any
// other array, also one that was computed from such an array: it may be sent by mistake.
class SentActivation {
 public:
  explicit SentActivation(pybind11::handle array);
  const NoisyActivation& operator*() const { return *noisy_; }

 private:
  pybind11::object owner_;
  const NoisyActivation* noisy_;
};

}  // namespace scrim::python
