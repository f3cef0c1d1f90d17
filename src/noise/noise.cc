#include <scrim/noise.h>

#include "base/check.h"
#include "kernels/add_noise.h"
#include "noise/activation_checks.h"
#include "noise/contract.h"
#include "noise/grid.h"
#include "noise/marks.h"
#include "noise/mechanism.h"
#include "noise/nonce.h"
#include "noise/wire.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace scrim {
namespace {

void check_memory(std::span<const float> in, std::span<const float> out) {
  check(in.size() == out.size(), "the output has ", out.size(), " values, the input ", in.size());
  constexpr std::less_equal<const float*> kUpTo;
  check(in.data() == out.data() || kUpTo(in.data() + in.size(), out.data()) ||
            kUpTo(out.data() + out.size(), in.data()),
        "the output overlaps the input without being the same memory");
}

// Zeroes memory at the end of the scope. In place, it may still hold samples without noise.
struct EraseUnlessDone {
  std::span<float> memory;
  bool done = false;

  ~EraseUnlessDone() {
    if (!done) std::ranges::fill(memory, 0.0F);
  }
};

}  // namespace

Noise::Noise(const Release& release, const Key& key, NoiseOptions options)
    : options_(std::move(options)),
      release_id_(release.id()),
      contract_digest_(release.contract_digest()),
      input_(release.manifest().input),
      stride_(release.manifest().stride),
      stream_key_(stream_key(key, release_id_)),
      nonce_key_(nonce_key(key, release_id_)) {
  Mechanism mechanism = mechanism_at(release.noise(), options_.alpha);
  check(!options_.accountant || options_.accountant->release_id() == release_id_,
        "the accountant counts another release");
  check(options_.source.empty() || options_.accountant,
        "a source is counted by an accountant, and there is none");
  options_.alpha = mechanism.alpha;
  channels_ = mechanism.channels;
  realised_alpha_ = mechanism.realised_alpha;
  joint_alpha_ = held_out_joint_alpha(mechanism, release.noise().held_out_covariance);
  clip_ = mechanism.clip;
  scale_ = std::move(mechanism.scale);
  sigma_ = std::move(mechanism.sigma);
  const auto row = std::ranges::find(release.noise().alphas, options_.alpha);
  planes_ = std::make_shared<const std::vector<WirePlane>>(
      wire_planes(release.noise(), static_cast<std::size_t>(row - release.noise().alphas.begin()),
                  options_.wire));
}

NoisyActivation Noise::operator()(const Activation& activation) const {
  if (!activation.release_id.empty() && activation.release_id != release_id_) {
    fail(ErrorCode::kRefused, "the activation is of the head of release ",
         activation.release_id.substr(0, 12), ", the noise of ", release_id_.substr(0, 12));
  }
  return (*this)(activation.tensor.shape, activation.tensor.values);
}

NoisyActivation Noise::operator()(const Shape& shape, std::span<const float> activation) const {
  Tensor noisy{shape, std::vector<float>(activation.size())};
  std::vector<Nonce> nonces;
  const std::int64_t saturated = apply(shape, activation, noisy.values, nonces);
  NoisyActivation result(std::move(noisy), release_id_, contract_digest_, alpha(), options_.wire);
  result.saturated_ = saturated;
  if (options_.draw == Draw::kFresh) result.fresh_nonce_ = nonce_text(nonces);
  return result;
}

std::int64_t Noise::apply(const Shape& shape, std::span<const float> in,
                          std::span<float> out) const {
  std::vector<Nonce> nonces;
  return apply(shape, in, out, nonces);
}

std::int64_t Noise::apply(const Shape& shape, std::span<const float> in, std::span<float> out,
                          std::vector<Nonce>& nonces) const {
  check_activation_shape(shape, scale_.size(), in.size());
  check_memory(in, out);
  check_size(shape);
  check_activation_values(in);
  const std::size_t size = in.size() / static_cast<std::size_t>(shape[0]);
  for (std::size_t first = 0; first < in.size(); first += size) {
    nonces.push_back(nonce(shape, in.subspan(first, size)));
  }
  if (options_.accountant) charge(shape, in, nonces);
  EraseUnlessDone output{out};
  std::size_t saturated = 0;
  for (std::size_t n = 0; n < nonces.size(); ++n) {
    saturated += obfuscate(in.subspan(n * size, size), nonces[n], out.subspan(n * size, size));
  }
  output.done = true;
  return static_cast<std::int64_t>(saturated);
}

void Noise::require_rules(const InputRules& rules) const {
  if (rules.scale == input_.scale && rules.mean == input_.mean) return;
  fail(ErrorCode::kRefused, "pictures would be prepared in another way (enlarged ", rules.scale,
       " times) than the release was learned with (", input_.scale,
       " times, and its own mean): take the rules from its manifest");
}

// Heads round the last cell of a side up or down.
void Noise::check_size(const Shape& shape) const {
  if (input_.largest_side == 0) return;
  const double cells_a_pixel = input_.scale / static_cast<double>(stride_);
  const double least = std::floor(static_cast<double>(input_.smallest_side) * cells_a_pixel);
  const double most = std::ceil(static_cast<double>(input_.largest_side) * cells_a_pixel);
  for (const std::int64_t side : {shape[2], shape[3]}) {
    const auto cells = static_cast<double>(side);
    if (least <= cells && cells <= most) continue;
    fail(ErrorCode::kRefused, "an activation of ", shape[3], " x ", shape[2],
         " cells is of a picture whose size was never calibrated: the release was learned on sides "
         "of ",
         input_.smallest_side, " to ", input_.largest_side, " pixels, ", least, " to ", most,
         " cells");
  }
}

void Noise::charge(const Shape& shape, std::span<const float> in,
                   std::span<const Nonce> nonces) const {
  const std::size_t size = in.size() / nonces.size();
  std::vector<AccountRecord> records;
  for (std::size_t n = 0; n < nonces.size(); ++n) {
    const Mark draw = options_.draw == Draw::kFresh
                          ? Mark{}
                          : draw_mark(options_.accountant->counting_key(), nonces[n]);
    records.push_back({mark(shape, in.subspan(n * size, size)), draw, options_.alpha});
  }
  options_.accountant->charge(records);
}

std::size_t Noise::obfuscate(std::span<const float> in, const Nonce& nonce,
                             std::span<float> out) const {
  AddNoise op{in, scale_, sigma_, clip_, {stream_key_.bytes(), nonce}, out};
  add_noise(op);
  OPENSSL_cleanse(&op.key, sizeof(op.key));
  round_to_grid(out, sigma_);
  if (!std::ranges::all_of(out, [](float v) { return std::isfinite(v); })) {
    fail(ErrorCode::kRefused, "the noisy activation is not finite: scale, sigma or clip overflow");
  }
  return round_to_wire(*planes_, out.size() / sigma_.size(), out);
}

double Noise::bits_per_element() const { return scrim::bits_per_element(alpha()); }

double Noise::bits_per_cell() const { return scrim::bits_per_cell(alpha(), channels_); }

std::int64_t Noise::count_clipped(const Activation& activation) const {
  return std::ranges::count_if(activation.tensor.values,
                               [this](float v) { return !(std::abs(v) <= clip_); });
}

Spent Noise::spent(const Activation& activation) const {
  check(options_.accountant != nullptr, "this noise has no accountant");
  const Shape& shape = activation.tensor.shape;
  const std::span<const float> values = activation.tensor.values;
  check_activation_shape(shape, scale_.size(), values.size());
  check_activation_values(values);
  const std::size_t size = values.size() / static_cast<std::size_t>(shape[0]);
  Spent most;
  for (std::size_t first = 0; first < values.size(); first += size) {
    const Spent one = options_.accountant->spent(mark(shape, values.subspan(first, size)));
    if (one.alpha < most.alpha) most = one;
  }
  return most;
}

Noise::Mark Noise::mark(const Shape& shape, std::span<const float> sample) const {
  const Key& key = options_.accountant->counting_key();
  if (!options_.source.empty()) return source_mark(key, options_.source);
  return input_mark(key, {release_id_, {shape[1], shape[2], shape[3]}, sample, clip_});
}

Noise::Nonce Noise::nonce(const Shape& shape, std::span<const float> sample) const {
  if (options_.draw == Draw::kFresh) return fresh_nonce();
  return sticky_nonce(nonce_key_,
                      {release_id_, options_.alpha, {shape[1], shape[2], shape[3]}, sample, clip_});
}

}  // namespace scrim
