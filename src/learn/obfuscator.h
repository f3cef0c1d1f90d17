// The obfuscation as training sees it: a code, a spectrum for every alpha, seeded draws.
#pragma once

#include "learn/code.h"
#include "learn/stage.h"
#include "network/encoder.h"

#include <cstdint>
#include <memory>

namespace scrim {

// A batch on its way: what is hidden, how well, and what comes of it.
struct Sent {
  torch::Tensor signal;  // y after the clip, variance 1, without noise: B x K x h x w
  torch::Tensor snr;     // B x K
  Arrived arrived;
};

// Does to a batch what head, noise and tail do in use: encode if there is an encoder, code, clip,
// scale, add, decode.
class Obfuscator {
 public:
  Obfuscator(std::int64_t channels, float clip) : channels_(channels), clip_(clip) {}
  virtual ~Obfuscator() = default;

  // activation: B x N x h x w, clean; alphas: B, float64. What is made of it; and what the tail
  // decodes from that, in the shape of the activation. The draw depends on `seed` alone.
  Sent send(const torch::Tensor& activation, const torch::Tensor& alphas, std::uint64_t seed) const;
  torch::Tensor operator()(const torch::Tensor& activation, const torch::Tensor& alphas,
                           std::uint64_t seed) const {
    return decoded(send(activation, alphas, seed).arrived);
  }

  // What is trained beside the tail; none for a closed form.
  virtual std::vector<ParameterGroup> parameters() = 0;
  // What moves with them and takes no gradient.
  virtual std::vector<torch::Tensor> buffers() { return {}; }
  // Whether statistics are those of the batch, and move; else, as it is made, they are kept.
  virtual void train(bool /*training*/) {}
  // Called after every step of the optimizer.
  virtual void after_step(int /*step*/) {}
  // The weight of the task's loss, and a term beside it; undefined if there is none.
  virtual double task_weight() const { return 1; }
  virtual torch::Tensor penalty() const { return {}; }

  // The part of the head between the network and the code; null for most.
  virtual Encoder encoder() const { return nullptr; }
  // What the code is taken of: `activation` itself without an encoder.
  virtual torch::Tensor encoded(const torch::Tensor& activation) const { return activation; }
  // Takes the final statistics of the code from the moments of what it is taken of.
  virtual void calibrate(const Moments& /*encoded*/) {}
  // y of every cell, variance 1, before the clip: B x K x h x w.
  torch::Tensor directions(const torch::Tensor& activation) const;

  // The code as it is now, and the SNR of each of its directions at one alpha: sum ln(1 + SNR) is N
  // ln(1 / alpha) to 1e-9, or less where the cap of 1e4 stops it.
  virtual Code code() const = 0;
  std::vector<double> snr(double alpha) const;
  // What is calibrated of the alphas that were asked for: those, or for one that promises none the
  // single alpha that its noise turned out to keep.
  virtual std::vector<double> alphas(const std::vector<double>& asked) const { return asked; }

  // SNR of each direction at each alpha, B x K, float64, differentiable.
  virtual torch::Tensor spectrum(const torch::Tensor& alphas) const = 0;
  // The code, float32, differentiable. What decodes is right as it stands; with an encoder the
  // statistics of what is coded are others.
  virtual CodeTensors tensors() const = 0;
  std::int64_t channels() const { return channels_; }
  float clip() const { return clip_; }

 protected:
  virtual torch::Tensor apply(const CodeTensors& code, const torch::Tensor& activation) const;

 private:
  std::int64_t channels_;
  float clip_;
};

// Fisher or uniform: nothing to train.
std::unique_ptr<Obfuscator> closed_form_obfuscator(Code code, Objective objective, float clip);

}  // namespace scrim
