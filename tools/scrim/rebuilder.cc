#include "rebuilder.h"

#include "attack.h"
#include "report.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kPictures = 40;
constexpr std::uint64_t kSeed = 1'000'003;  // of pictures drawn for the attacker
constexpr int kLinearPixels = 4;            // of a linear reconstruction, a cell each way

LinearAttacker train(const RebuilderFlags& flags, const Obfuscation& used, const Session& session) {
  const Manifest& manifest = used.release.manifest();
  const std::vector<Image> pictures =
      flags.attacker_dataset.empty()
          ? drawn_pictures(kPictures, kSeed)
          : some_pictures(Dataset::open(flags.attacker_dataset), kPictures);
  const Noise noise(used.release, attackers_key(), {.alpha = used.noise.alpha()});
  const Observations seen = observe(pictures, manifest.input, noisy_crossing(used.head, noise),
                                    "train the attacker", session);
  return LinearAttacker::fit(seen.activations, seen.pictures, manifest.stride);
}

bool knows(const TrainedDecoder& decoder, double alpha) {
  return std::ranges::any_of(decoder.alphas(),
                             [&](double known) { return std::abs(known - alpha) < 1e-9; });
}

// Nothing, with the reason logged, where the audit was of another release or of other alphas.
std::optional<TrainedDecoder> audits_decoder(const fs::path& file, const Obfuscation& used,
                                             const Session& session) {
  if (!fs::exists(file)) return {};
  try {
    TrainedDecoder decoder = TrainedDecoder::load(file, used.release);
    if (knows(decoder, used.noise.alpha())) return decoder;
    session.log << file.string() << " was not trained for alpha " << used.noise.alpha() << "\n";
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kRefused) throw;
    session.log << error.what() << "\n";
  }
  return {};
}

}  // namespace

void RebuilderFlags::declare(CLI::App& app) {
  app.add_flag("--reconstruct", reconstruct, "write what an attacker rebuilds, too");
  app.add_option("--decoder", decoder, "the attacker [decoder.safetensors of the release's audit]")
      ->type_name("FILE");
  app.add_option("--attacker-dataset", attacker_dataset,
                 "a linear attacker instead, which learns from these [drawn ones]")
      ->type_name("FOLDER");
}

void RebuilderFlags::check() const {
  require(reconstruct || decoder.empty(), "--decoder rebuilds pictures with --reconstruct only");
  require(decoder.empty() || attacker_dataset.empty(),
          "name --decoder or --attacker-dataset, not both: a decoder has learned already");
}

Rebuilder::Rebuilder(const RebuilderFlags& flags, const Obfuscation& used, const Session& session)
    : pixels_per_cell_(static_cast<double>(used.release.manifest().stride) /
                       used.release.manifest().input.scale) {
  fs::path file = flags.decoder;
  if (!file.empty()) {
    decoder_ = TrainedDecoder::load(file, used.release);
    require(knows(*decoder_, used.noise.alpha()), "--decoder ", flags.decoder,
            " was not trained for alpha ", used.noise.alpha());
  } else if (flags.attacker_dataset.empty()) {
    file = audit_folder(used.release.folder()) / kDecoderFile;
    decoder_ = audits_decoder(file, used, session);
  }
  if (!decoder_) linear_ = train(flags, used, session);
  if (decoder_) {
    session.log << "rebuilt by the decoder of " << file.string() << "\n";
  } else {
    session.log << "rebuilt by a linear attacker; the decoder of an audit rebuilds more\n";
  }
}

Image Rebuilder::operator()(const NoisyActivation& noisy_activation) const {
  if (decoder_) {
    return enlarge(decoder_->reconstruction(noisy_activation),
                   pixels_per_cell_ / decoder_->pixels_per_cell());
  }
  return enlarge(linear_->reconstruction(noisy_activation.tensor()),
                 pixels_per_cell_ / kLinearPixels);
}

}  // namespace scrim::cli
