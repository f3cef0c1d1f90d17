// Guards of what a head returned: its shape and its values.
#pragma once

#include <scrim/activation.h>

#include <cstddef>
#include <span>

namespace scrim {

// Throws kInvalidArgument unless the shape is N x `directions` x H x W, a sample fits one stream of
// noise, and there are `count` values.
void check_activation_shape(const Shape& shape, std::size_t directions, std::size_t count);

// Throws kInvalidArgument that names the place, never the value: messages reach logs.
void check_activation_values(std::span<const float> values);

}  // namespace scrim
