#include "network/threads.h"

namespace scrim {
namespace {

thread_local int limits = 0;

}  // namespace

OneThreadEach::OneThreadEach() { ++limits; }

OneThreadEach::~OneThreadEach() { --limits; }

int allowed_threads(int wanted) { return limits > 0 ? 1 : wanted; }

}  // namespace scrim
