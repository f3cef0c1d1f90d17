#include "release/noise_parameters.h"

#include "base/check.h"
#include "base/json.h"
#include "release/safetensors.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr const char* kFile = "noise.safetensors";
constexpr const char* kNoiseFormat = "scrim-noise-1";

void check_finite(const std::vector<float>& values, const char* name, std::int64_t count) {
  check(static_cast<std::int64_t>(values.size()) == count, name, " must have ", count,
        " values, got ", values.size());
  check(std::ranges::all_of(values, [](float value) { return std::isfinite(value); }), name,
        " holds a value that is not finite");
}

// Strictly ascending, so that an alpha names one row. NaN fails every comparison.
void check_alphas(const std::vector<double>& alphas) {
  check(!alphas.empty(), "the noise is calibrated for no alpha");
  double previous = 0;
  for (const double alpha : alphas) {
    check(alpha > previous && alpha < 1, "alphas must ascend within (0, 1), got ", alpha, " after ",
          previous);
    previous = alpha;
  }
}

// One calibrated alpha: whatever passes has noise on it, and something passes.
void check_row(const std::vector<float>& scale, const std::vector<float>& sigma, double alpha) {
  bool passes = false;
  for (std::size_t k = 0; k < scale.size(); ++k) {
    check(scale[k] >= 0 && sigma[k] >= 0, "alpha ", alpha, ", direction ", k,
          ": scale and sigma must be at least 0, got ", scale[k], " and ", sigma[k]);
    check((scale[k] > 0) == (sigma[k] > 0), "alpha ", alpha, ", direction ", k,
          ": scale and sigma must be above 0 together, got ", scale[k], " and ", sigma[k]);
    passes = passes || scale[k] > 0;
  }
  check(passes, "alpha ", alpha, ": no direction passes");
}

std::vector<float> flat(const std::vector<std::vector<float>>& rows) {
  std::vector<float> values;
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  return values;
}

std::vector<std::vector<float>> rows_of(const std::vector<float>& values, std::int64_t width) {
  std::vector<std::vector<float>> rows;
  for (auto row = values.begin(); row != values.end(); row += width) {
    rows.emplace_back(row, row + width);
  }
  return rows;
}

std::vector<float> take(const Safetensors& contents, const char* name, const Shape& shape) {
  const Tensor& tensor = contents.at(name);
  if (tensor.shape != shape) {
    fail(ErrorCode::kCorrupt, kFile, ": ", name,
         " has another shape than basis and alphas ask for");
  }
  return tensor.values;
}

std::vector<double> alphas_of(const Safetensors& contents) {
  try {
    return parse_json(contents.metadata.at("alphas"), kFile).get<std::vector<double>>();
  } catch (const std::out_of_range&) {
    fail(ErrorCode::kCorrupt, kFile, " has no alphas in its metadata");
  } catch (const Json::exception&) {
    fail(ErrorCode::kCorrupt, kFile, " has alphas that are not an array of numbers");
  }
}

}  // namespace

void check_noise(const NoiseParameters& noise) {
  const std::int64_t channels = noise.channels;
  const std::int64_t directions = noise.directions;
  constexpr std::int64_t kMost = 1 << 20;  // so that no product of two overflows
  check(1 <= directions && directions <= channels && channels <= kMost,
        "directions and channels must satisfy 1 <= directions <= channels <= ", kMost, ", got ",
        directions, " and ", channels);
  check(std::isfinite(noise.clip) && noise.clip > 0, "clip must be above 0, got ", noise.clip);
  check_alphas(noise.alphas);
  check(noise.scale.size() == noise.alphas.size() && noise.sigma.size() == noise.alphas.size(),
        "scale and sigma must have a row for each of ", noise.alphas.size(), " alphas, got ",
        noise.scale.size(), " and ", noise.sigma.size());
  for (std::size_t a = 0; a < noise.alphas.size(); ++a) {
    check_finite(noise.scale[a], "scale", directions);
    check_finite(noise.sigma[a], "sigma", directions);
    check_row(noise.scale[a], noise.sigma[a], noise.alphas[a]);
  }
  check_finite(noise.mean, "mean", channels);
  check_finite(noise.basis, "basis", directions * channels);
  check_finite(noise.decode, "decode", directions * channels);
  check_finite(noise.held_out_variance, "held_out_variance", directions);
  if (!noise.held_out_covariance.empty()) {
    check_finite(noise.held_out_covariance, "held_out_covariance", directions * directions);
  }
  if (!noise.held_out_cell_norm.empty()) {
    check_finite(noise.held_out_cell_norm, "held_out_cell_norm",
                 static_cast<std::int64_t>(noise.alphas.size()));
    check(std::ranges::all_of(noise.held_out_cell_norm, [](float v) { return v >= 0; }),
          "held_out_cell_norm holds a negative value");
  }
  check(std::ranges::all_of(noise.held_out_variance, [](float v) { return v >= 0; }),
        "held_out_variance holds a negative value");
}

std::string format_noise(const NoiseParameters& noise) {
  const auto alphas = static_cast<std::int64_t>(noise.alphas.size());
  const std::int64_t n = noise.channels;
  const std::int64_t k = noise.directions;
  Safetensors contents;
  contents.metadata = {{"format", kNoiseFormat}, {"alphas", Json(noise.alphas).dump()}};
  contents.tensors["clip"] = {{}, {noise.clip}};
  contents.tensors["scale"] = {{alphas, k}, flat(noise.scale)};
  contents.tensors["sigma"] = {{alphas, k}, flat(noise.sigma)};
  contents.tensors["mean"] = {{n}, noise.mean};
  contents.tensors["basis"] = {{k, n}, noise.basis};
  contents.tensors["decode"] = {{n, k}, noise.decode};
  contents.tensors["held_out_variance"] = {{k}, noise.held_out_variance};
  if (!noise.held_out_covariance.empty()) {
    contents.tensors["held_out_covariance"] = {{k, k}, noise.held_out_covariance};
  }
  if (!noise.held_out_cell_norm.empty()) {
    contents.tensors["held_out_cell_norm"] = {{alphas}, noise.held_out_cell_norm};
  }
  return format_safetensors(contents);
}

NoiseParameters parse_noise(std::string_view bytes) {
  const Safetensors contents = parse_safetensors(bytes, kFile);
  const auto format = contents.metadata.find("format");
  if (format == contents.metadata.end() || format->second != kNoiseFormat) {
    fail(ErrorCode::kCorrupt, kFile, " does not have the format ", kNoiseFormat);
  }
  NoiseParameters noise;
  noise.alphas = alphas_of(contents);
  const auto alphas = static_cast<std::int64_t>(noise.alphas.size());
  const Shape& basis = contents.at("basis").shape;
  if (basis.size() != 2 || basis[0] < 1) {
    fail(ErrorCode::kCorrupt, kFile, ": basis must have the shape directions x channels");
  }
  const std::int64_t k = noise.directions = basis[0];
  const std::int64_t n = noise.channels = basis[1];
  noise.clip = take(contents, "clip", {})[0];
  noise.scale = rows_of(take(contents, "scale", {alphas, k}), k);
  noise.sigma = rows_of(take(contents, "sigma", {alphas, k}), k);
  noise.mean = take(contents, "mean", {n});
  noise.basis = contents.at("basis").values;
  noise.decode = take(contents, "decode", {n, k});
  noise.held_out_variance = take(contents, "held_out_variance", {k});
  if (contents.tensors.contains("held_out_covariance")) {
    noise.held_out_covariance = take(contents, "held_out_covariance", {k, k});
  }
  if (contents.tensors.contains("held_out_cell_norm")) {
    noise.held_out_cell_norm = take(contents, "held_out_cell_norm", {alphas});
  }
  return noise;
}

}  // namespace scrim
