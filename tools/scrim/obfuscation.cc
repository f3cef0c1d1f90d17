#include "obfuscation.h"

#include "detectors.h"

namespace scrim::cli {
namespace {

// A few in a thousand: of a normal distribution, fewer than one in a million lies beyond 5.
constexpr double kMostClipped = 0.003;

}  // namespace

void ObfuscationFlags::declare(CLI::App& app) {
  app.add_option("--release", release, "obfuscate with this release")->type_name("FOLDER");
  declare_alphas(app, alphas, "one alpha of the release [the only one]");
  key.declare(app);
  app.add_option("--draw", draw, "sticky: the same noise again; fresh: a new draw")
      ->type_name("NAME");
  app.add_option("--wire", wire, "what is sent: fp32, fp16, or int8 in steps of sigma/2")
      ->type_name("TYPE");
  app.add_option("--accountant", accountant, "count releases in this file, and refuse too many")
      ->type_name("FILE");
  app.add_option("--least-alpha", least_alpha,
                 "with --accountant: what all releases of a picture may reach together")
      ->type_name("A");
  app.add_option("--source", source, "with --accountant: count all as one picture, as of a camera")
      ->type_name("NAME");
}

void ObfuscationFlags::check() const {
  require(alphas.size() <= 1, "one --alpha is wanted, got ", alphas.size());
  for (const double alpha : alphas) check_alpha(alpha);
  wire_type(wire);
  require(draw == "sticky" || draw == "fresh", "--draw is sticky or fresh, not '", draw, "'");
  require(
      draw == "sticky" || !accountant.empty(),
      "--draw fresh needs --accountant: whoever asks often enough could average the noise away");
  require(accountant.empty() != least_alpha.has_value(),
          "--accountant and --least-alpha go together");
  require(source.empty() || !accountant.empty(), "--source needs --accountant");
  if (least_alpha) {
    require(*least_alpha > 0 && *least_alpha < 1, "--least-alpha must be in (0, 1), got ",
            *least_alpha);
  }
  require(!release.empty() || (accountant.empty() && draw == "sticky"),
          "weights without a release draw no noise; --draw and --accountant need --release");
  require(!release.empty() || wire == "fp32", "--wire needs --release");
}

Obfuscation ObfuscationFlags::open() const {
  Release opened = Release::open(release);
  NoiseOptions options{.alpha = alphas.empty() ? only_alpha(opened) : alphas.front(),
                       .draw = draw == "fresh" ? Draw::kFresh : Draw::kSticky,
                       .wire = wire_type(wire)};
  const Key secret = key.load();
  Noise noise(opened, secret, options);
  Head head = Head::open(opened);
  if (accountant.empty()) return {std::move(opened), std::move(head), std::move(noise), nullptr};
  options.accountant =
      Accountant::open(accountant, opened, secret, {.least_alpha = least_alpha.value_or(0)});
  options.source = source;
  Noise counted(opened, secret, options);
  return {std::move(opened), std::move(head), std::move(counted), options.accountant};
}

WireType wire_type(const std::string& name) {
  if (name == "fp32") return WireType::kFp32;
  if (name == "fp16") return WireType::kFp16;
  require(name == "int8", "--wire is fp32, fp16 or int8, not '", name, "'");
  return WireType::kInt8;
}

void ClipCount::add(const Noise& noise, const Activation& activation) {
  clipped += noise.count_clipped(activation);
  values += static_cast<std::int64_t>(activation.tensor.values.size());
}

std::string ClipCount::summary() const {
  std::ostringstream line;
  line << clipped << " of " << values << " values beyond the clip";
  if (static_cast<double>(clipped) > kMostClipped * static_cast<double>(values)) {
    line << ": more than " << 1000 * kMostClipped
         << " in a thousand; these pictures are unlike those that the release was calibrated on, "
            "and its alpha may not hold for them";
  }
  return line.str();
}

}  // namespace scrim::cli
