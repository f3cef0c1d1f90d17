// Only a noise makes a noisy activation: a clean tensor cannot be dressed up as one.
#include <scrim/noise.h>

scrim::NoisyActivation dress_up(const scrim::Noise& noise, const scrim::Activation& activation) {
#ifdef MISUSE
  return scrim::NoisyActivation(activation.tensor, "release", noise.alpha());
#endif
  return noise(activation);
}
