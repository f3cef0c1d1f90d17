#include "audit/decoder_file.h"

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"
#include "release/safetensors.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr const char* kFormat = "scrim-decoder-1";
constexpr const char* kNetwork = "network.";  // prefix of the network's parameters
constexpr std::int64_t kMostWidth = 1024, kMostBlock = 64;

bool is_kept(const Condition& condition) {
  return condition.seen == Seen::kNoNoise ||
         (condition.seen == Seen::kRelease && condition.draws == 1);
}

std::vector<Condition> kept(std::vector<Condition> conditions) {
  std::erase_if(conditions, [](const Condition& condition) { return !is_kept(condition); });
  return conditions;
}

auto is_alpha(double alpha) {
  return [alpha](double other) { return std::abs(alpha - other) < 1e-9; };
}

Tensor to_plain(const torch::Tensor& tensor) {
  const auto values = tensor.detach().contiguous();
  const auto* first = values.data_ptr<float>();
  return {values.sizes().vec(), {first, first + values.numel()}};
}

// The parts of one file, each checked as it is taken.
class Parts {
 public:
  Parts(std::string_view bytes, const std::string& what)
      : contents_(parse_safetensors(bytes, what)), what_(what) {
    expect(text("format") == kFormat, "is not the decoder of an audit: its format is not ",
           kFormat);
  }

  std::string text(const std::string& name) const {
    const auto found = contents_.metadata.find(name);
    return found == contents_.metadata.end() ? "" : found->second;
  }

  std::vector<double> alphas(const NoiseParameters& noise) const {
    std::vector<double> alphas;
    try {
      alphas = parse_json(text("alphas"), what_).get<std::vector<double>>();
    } catch (const Json::exception&) {
      expect(false, "has no list of alphas in its metadata");
    }
    for (const double alpha : alphas) {
      expect(std::ranges::any_of(noise.alphas, is_alpha(alpha)), "has the alpha ", alpha,
             ", for which its release was not calibrated");
    }
    return alphas;
  }

  // Size `dimension` of a tensor of four.
  std::int64_t size(const std::string& name, std::size_t dimension, std::int64_t most) const {
    const Tensor& tensor = found(name);
    expect(tensor.shape.size() == 4, "has a tensor ", name, " without four dimensions");
    const std::int64_t size = tensor.shape[dimension];
    expect(size >= 1 && size <= most, "has ", size, " as a size of ", name, ", not in [1, ", most,
           "]");
    return size;
  }

  torch::Tensor take(const std::string& name, const Shape& shape) {
    const Tensor& tensor = found(name);
    expect(tensor.shape == shape, "has a tensor ", name, " of another shape than its decoder");
    expect(std::ranges::all_of(tensor.values, [](float v) { return std::isfinite(v); }),
           "holds a value in ", name, " that is not finite");
    auto taken = view_of_activation(tensor).clone();
    contents_.tensors.erase(name);
    return taken;
  }

  bool has(const std::string& name) const { return contents_.tensors.contains(name); }
  void expect_nothing_left() const {
    expect(contents_.tensors.empty(), "has tensors that are not a decoder's");
  }

  template <typename... Reasons>
  void expect(bool condition, const Reasons&... reasons) const {
    if (!condition) fail(ErrorCode::kCorrupt, what_, " ", reasons...);
  }

 private:
  const Tensor& found(const std::string& name) const {
    expect(has(name), "has no tensor ", name);
    return contents_.tensors.at(name);
  }

  Safetensors contents_;
  const std::string& what_;
};

DecoderShape shape_of(const Parts& parts, const NoiseParameters& noise) {
  DecoderShape shape;
  shape.channels = noise.directions;
  shape.clip = noise.clip;
  shape.width = parts.size("network.enter.weight", 0, kMostWidth);
  shape.upper_width =
      parts.has("network.rise.weight") ? parts.size("network.rise.weight", 0, kMostWidth) : 0;
  const std::int64_t outputs = parts.size("linear.0.weight", 0, 3 * kMostBlock * kMostBlock);
  shape.block = static_cast<int>(std::lround(std::sqrt(static_cast<double>(outputs) / 3)));
  const bool fits = shape.width % 8 == 0 && shape.upper_width % 8 == 0 &&
                    (shape.upper_width == 0 || shape.block % 2 == 0);
  parts.expect(fits && 3 * shape.block * shape.block == outputs,
               "has sizes that no decoder has: width ", shape.width, ", above ", shape.upper_width,
               ", ", outputs, " outputs");
  return shape;
}

std::string linear_name(std::size_t condition) { return "linear." + std::to_string(condition); }

}  // namespace

std::string format_decoder(const Decoder& decoder, const std::string& release_id) {
  const LinearPart& linear = decoder.linear_part();
  const std::vector<Condition>& conditions = decoder.conditions();
  check(linear.maps.size() == conditions.size(), "a decoder must be fitted before it is kept");
  Safetensors contents;
  contents.tensors["mean"] = to_plain(linear.mean.flatten());
  contents.tensors["variance"] = to_plain(linear.variance.flatten());
  std::vector<double> alphas;
  std::size_t next = 0;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (!is_kept(conditions[i])) continue;
    if (conditions[i].seen == Seen::kRelease) alphas.push_back(conditions[i].alpha);
    const std::string name = linear_name(next++);
    contents.tensors[name + ".weight"] = to_plain(linear.maps[i].weight);
    contents.tensors[name + ".bias"] = to_plain(linear.maps[i].bias);
  }
  for (const auto& parameter : decoder.network()->named_parameters()) {
    contents.tensors[kNetwork + parameter.key()] = to_plain(parameter.value());
  }
  contents.metadata = {
      {"format", kFormat}, {"release_id", release_id}, {"alphas", Json(alphas).dump()}};
  return format_safetensors(contents);
}

Decoder parse_decoder(std::string_view bytes, const Release& release, const std::string& what) {
  const torch::NoGradGuard no_grad;
  Parts parts(bytes, what);
  if (parts.text("release_id") != release.id()) {
    fail(ErrorCode::kRefused, what, " was trained on another release than ", release.id());
  }
  const NoiseParameters& noise = release.noise();
  const DecoderShape shape = shape_of(parts, noise);
  Decoder decoder(shape, kept(conditions_of(noise, parts.alphas(noise), {})));
  const std::int64_t channels = shape.channels, outputs = 3 * shape.block * shape.block;
  LinearPart linear{parts.take("mean", {channels}).view({1, -1, 1, 1}),
                    parts.take("variance", {channels}).view({1, -1, 1, 1}),
                    {}};
  parts.expect((linear.variance > 0).all().item<bool>(), "has a variance that is not above 0");
  for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
    linear.maps.push_back({parts.take(linear_name(i) + ".weight", {outputs, channels, 3, 3}),
                           parts.take(linear_name(i) + ".bias", {outputs})});
  }
  decoder.set_linear_part(std::move(linear));
  for (auto& parameter : decoder.network()->named_parameters()) {
    parameter.value().copy_(
        parts.take(kNetwork + parameter.key(), parameter.value().sizes().vec()));
  }
  parts.expect_nothing_left();
  return decoder;
}

struct TrainedDecoder::Impl {
  // Of an observation under a condition, 1 x K x H x W.
  Image reconstruction(const Tensor& seen, std::size_t condition) {
    const Shape& shape = seen.shape;
    check(shape.size() == 4 && shape[0] == 1 && shape[1] == decoder.shape().channels &&
              element_count(shape) > 0,
          "the decoder rebuilds one picture of ", decoder.shape().channels, " channels");
    const torch::NoGradGuard no_grad;
    auto y = view_of_activation(seen);
    if (condition == 0) y = y.clamp(-decoder.shape().clip, decoder.shape().clip);  // as Noise does
    const auto observed = decoder.scaled(y, condition);
    return to_picture(decoder.decode(observed, condition));
  }

  void require_own(const std::string& sender) const {
    check(sender == release_id, "the decoder was trained on release ", release_id,
          ", the activation is of ", sender.empty() ? "none" : sender);
  }

  Decoder decoder;
  std::string release_id;
  std::vector<double> alphas;
};

TrainedDecoder TrainedDecoder::load(const std::filesystem::path& file, const Release& release) {
  Decoder decoder = parse_decoder(read_file(file), release, file.string());
  std::vector<double> alphas;
  for (const Condition& condition : decoder.conditions()) {
    if (condition.seen == Seen::kRelease) alphas.push_back(condition.alpha);
  }
  return TrainedDecoder(
      std::make_shared<Impl>(Impl{std::move(decoder), release.id(), std::move(alphas)}));
}

Image TrainedDecoder::reconstruction(const NoisyActivation& noisy_activation) const {
  impl_->require_own(noisy_activation.release_id());
  const auto place = std::ranges::find_if(impl_->alphas, is_alpha(noisy_activation.alpha()));
  check(place != impl_->alphas.end(), "the decoder was not trained for alpha ",
        noisy_activation.alpha());
  const auto condition = static_cast<std::size_t>(place - impl_->alphas.begin()) + 1;
  return impl_->reconstruction(noisy_activation.tensor(), condition);
}

Image TrainedDecoder::reconstruction(const Activation& activation) const {
  if (!activation.release_id.empty()) impl_->require_own(activation.release_id);
  return impl_->reconstruction(activation.tensor, 0);
}

const std::vector<double>& TrainedDecoder::alphas() const { return impl_->alphas; }

int TrainedDecoder::pixels_per_cell() const { return impl_->decoder.shape().block; }

}  // namespace scrim
