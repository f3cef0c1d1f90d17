// How many threads of the tensor library one call of a network may use.
#pragma once

namespace scrim {

// While one lives, every network that its own thread runs uses one thread of the tensor library:
// for callers that run as many networks at once as there are cores. Not copied; nests.
class OneThreadEach {
 public:
  OneThreadEach();
  ~OneThreadEach();
  OneThreadEach(const OneThreadEach&) = delete;
  OneThreadEach& operator=(const OneThreadEach&) = delete;
};

// `wanted`, or 1 while a OneThreadEach of this thread lives.
int allowed_threads(int wanted);

}  // namespace scrim
