// A tail takes what a noise returned, so that a raw activation cannot be sent by mistake.
#include <scrim/network.h>
#include <scrim/noise.h>

void send(const scrim::Tail& tail, const scrim::Noise& noise, const scrim::Activation& activation) {
#ifdef MISUSE
  tail(activation);
#endif
  tail(noise(activation));
}
