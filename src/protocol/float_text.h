// A float as few decimal digits.
#pragma once

#include <cstddef>

namespace scrim {

// How the FP32 elements of a tensor are written as JSON. All read back as the same floats.
enum class FloatDigits {
  kOfDouble,  // those of the double that it is, as the reference server writes them
  kNine,      // at most nine for most: two thirds of the bytes
};

// Asks for kNine (RFC 7240): servers that know no such preference go on with their own digits.
constexpr const char* kPreferNineDigits = "float-digits=9";

// What write_float may write to, past the end of the number too.
constexpr std::size_t kFloatTextBytes = 32;

// Writes a finite float as a JSON number, of at most nine digits where its magnitude is within
// [1e-5, 1e9), and returns the end. What reads it back, as a float or as a double that it then
// converts, gets the same float: nine digits always tell two floats apart (IEEE 754-2019, 5.12.2),
// and are off by at most a sixth of the distance at which a reader would round to a neighbour.
char* write_float(float value, char* to);

}  // namespace scrim
