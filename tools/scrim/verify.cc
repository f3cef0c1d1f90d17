// scrim verify: hashes, alpha and a quick attack again, beside what the release says of itself.
#include "attack.h"
#include "commands.h"
#include "flags.h"
#include "report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iomanip>

namespace scrim::cli {
namespace {

using Json = nlohmann::ordered_json;

// The audit rebuilds 8 pixels a cell and has more pictures to learn from; 4 pixels, as here, leave
// less to miss.
constexpr double kAttackMargin = 0.05;
constexpr const char* kAudit = "audit.json";

struct VerifyFlags {
  std::string release;
  DatasetFlags dataset;
  std::vector<double> alphas;
  int pictures = 60;
  bool json = false;
};

// What an attacker of the release's audit missed of its pictures' variance.
struct Audited {
  double low, high;
};

struct Attack {
  double alpha;
  Leakage leakage;
  std::optional<Audited> audited;  // on the same pictures

  // An attacker who reaches less than the audit's does not speak against the release.
  bool agrees() const {
    return !audited || leakage.unexplained_variance >= audited->low - kAttackMargin;
  }
};

struct Findings {
  std::size_t files = 0;
  std::string dataset_digest;  // empty without a dataset
  std::size_t pictures = 0;
  std::int64_t cells = 0;
  std::vector<double> stated;  // alpha on the held-out pictures of learning
  std::vector<MeasuredAlpha> measured;
  std::vector<Attack> attacks;
};

double attacked_alpha(const Release& release, const VerifyFlags& flags, std::size_t i) {
  return flags.alphas.empty() ? release.noise().alphas.back() : flags.alphas[i];
}

// An audit is free text: what cannot be understood is not compared.
std::optional<Audited> audited(const Release& release, const std::string& digest, double alpha) {
  std::ifstream file(audit_folder(release.folder()) / kAudit);
  const Json json = Json::parse(file, nullptr, false);
  if (!json.is_object() || !json.contains("attacks") || !json.contains("method")) return {};
  if (json.value("release", Json::object()).value("release_id", Json()) != release.id()) return {};
  if (!json["method"].is_object() || json["method"].value("dataset_digest", Json()) != digest) {
    return {};
  }
  for (const Json& row : json["attacks"]) {
    try {
      const Json& missed = row.at("unexplained_variance");
      if (row.at("attacker") == "linear" && row.at("seen") == "release" && row.at("draws") == 1 &&
          std::abs(row.at("alpha").get<double>() - alpha) < 1e-9) {
        return Audited{missed.at("low").get<double>(), missed.at("high").get<double>()};
      }
    } catch (const Json::exception&) {
      continue;
    }
  }
  return std::nullopt;
}

// Every other picture is the attacker's, and the rest are attacked, as in an audit.
struct Material {
  std::vector<Activation> activations;
  std::vector<Image> pictures;
};

Material observe_all(const Release& release, const Dataset& dataset, const VerifyFlags& flags,
                     const Session& session) {
  const Head head = Head::open(release);
  Material material;
  const Crossing clean = [&](const Tensor& input) {
    material.activations.push_back(head(input));
    return Tensor{};
  };
  const auto most = static_cast<std::size_t>(flags.pictures);
  material.pictures = observe(some_pictures(dataset, most), release.manifest().input, clean,
                              "measure alpha", session)
                          .pictures;
  return material;
}

Observations every_other(const Material& material, const Noise& noise, std::size_t first) {
  Observations seen;
  for (std::size_t i = first; i < material.activations.size(); i += 2) {
    seen.activations.push_back(noise(material.activations[i]).tensor());
    seen.pictures.push_back(material.pictures[i]);
  }
  return seen;
}

Attack attack(const Release& release, const Material& material, double alpha) {
  const Noise noise(release, attackers_key(), {.alpha = alpha, .draw = Draw::kFresh});
  const Observations own = every_other(material, noise, 0);
  const LinearAttacker attacker =
      LinearAttacker::fit(own.activations, own.pictures, release.manifest().stride);
  const Observations attacked = every_other(material, noise, 1);
  return {alpha, attacker.measure(attacked.activations, attacked.pictures), std::nullopt};
}

void measure(const Release& release, const VerifyFlags& flags, const Session& session,
             Findings& findings) {
  const Dataset dataset = flags.dataset.open();
  const Material material = observe_all(release, dataset, flags, session);
  AlphaMeter meter(release);
  for (const Activation& activation : material.activations) meter.add(activation);
  findings.dataset_digest = dataset.digest();
  findings.pictures = material.pictures.size();
  findings.cells = meter.cells();
  findings.measured = meter.measure();
  require(findings.pictures >= 2, "an attack needs at least 2 pictures, got ", findings.pictures);
  for (std::size_t i = 0; i < std::max<std::size_t>(flags.alphas.size(), 1); ++i) {
    if (session.stop.stop_requested()) fail(ErrorCode::kUnavailable, "stopped");
    const double alpha = attacked_alpha(release, flags, i);
    findings.attacks.push_back(attack(release, material, alpha));
    findings.attacks.back().audited = audited(release, findings.dataset_digest, alpha);
  }
}

Findings verify(const Release& release, const VerifyFlags& flags, const Session& session) {
  Findings findings;
  findings.files = release.manifest().files.size();
  for (const double alpha : release.noise().alphas) {
    findings.stated.push_back(Noise(release, attackers_key(), {.alpha = alpha}).realised_alpha());
  }
  if (!flags.dataset.folder.empty()) measure(release, flags, session, findings);
  return findings;
}

bool alphas_agree(const Findings& findings) {
  return std::ranges::all_of(findings.measured, &MeasuredAlpha::within_margin);
}

bool attacks_agree(const Findings& findings) {
  return std::ranges::all_of(findings.attacks, [](const Attack& a) { return a.agrees(); });
}

const char* verdict(bool agrees) { return agrees ? "agrees" : "DIFFERS"; }

Json to_object(const Release& release, const Findings& findings) {
  Json alphas = Json::array(), attacks = Json::array();
  for (std::size_t a = 0; a < findings.stated.size(); ++a) {
    Json row = {{"alpha", release.noise().alphas[a]}, {"held_out_alpha", findings.stated[a]}};
    if (!findings.measured.empty()) {
      const MeasuredAlpha& measured = findings.measured[a];
      row["diagonal_alpha"] = measured.diagonal;
      row["joint_alpha"] = measured.joint;
      row["cell_norm"] = measured.cell_norm;
      row["agrees"] = measured.within_margin;
    }
    alphas.push_back(std::move(row));
  }
  for (const Attack& attack : findings.attacks) {
    Json row = {{"attacker", "linear"},
                {"alpha", attack.alpha},
                {"unexplained_variance", attack.leakage.unexplained_variance},
                {"psnr", attack.leakage.psnr},
                {"pictures", attack.leakage.pictures},
                {"agrees", attack.agrees()}};
    if (attack.audited) row["audited"] = {attack.audited->low, attack.audited->high};
    attacks.push_back(std::move(row));
  }
  return {{"release_id", release.id()},
          {"files", findings.files},
          {"dataset_digest", findings.dataset_digest},
          {"pictures", findings.pictures},
          {"cells", findings.cells},
          {"alphas", alphas},
          {"attacks", attacks},
          {"agrees", alphas_agree(findings) && attacks_agree(findings)}};
}

void print_attack(const Attack& attack, std::ostream& out) {
  out << "linear attacker at alpha " << attack.alpha << ": misses " << std::fixed
      << std::setprecision(1) << 100 * attack.leakage.unexplained_variance
      << " % of the picture's variance";
  if (attack.audited) {
    out << ", the audit " << 100 * attack.audited->low << " to " << 100 * attack.audited->high
        << "  " << verdict(attack.agrees());
  } else {
    out << "  (no figure of an audit on these pictures)";
  }
  out << std::defaultfloat << "\n";
}

void print(const Release& release, const Findings& findings, std::ostream& out) {
  out << release.folder().string() << "  release " << release.id().substr(0, 12) << "\n"
      << findings.files << " files have the hashes of the manifest  agrees\n";
  for (std::size_t a = 0; a < findings.stated.size(); ++a) {
    out << std::defaultfloat << std::setprecision(4) << "alpha " << release.noise().alphas[a]
        << ": held-out pictures of learning " << findings.stated[a];
    if (!findings.measured.empty()) {
      const MeasuredAlpha& measured = findings.measured[a];
      out << ", here " << measured.diagonal << " diagonal, " << measured.joint
          << " joint; 99.9 % of cells within " << std::setprecision(3) << measured.cell_norm
          << " sigma  " << verdict(measured.within_margin);
    }
    out << "\n";
  }
  for (const Attack& attack : findings.attacks) print_attack(attack, out);
  if (findings.measured.empty()) {
    out << "alpha was not measured and nothing attacked: --dataset names pictures to do it on\n";
  } else {
    out << "measured on " << findings.pictures << " pictures, " << findings.cells << " cells\n";
  }
  out << verdict(alphas_agree(findings) && attacks_agree(findings)) << "\n";
}

void check_flags(const VerifyFlags& flags) {
  require(!flags.release.empty(), "name the release to verify");
  require(flags.pictures >= 2, "--pictures must be at least 2, got ", flags.pictures);
  for (const double alpha : flags.alphas) check_alpha(alpha);
}

int run(const VerifyFlags& flags, const Session& session) {
  check_flags(flags);
  const Release release = Release::open(flags.release);
  const Findings findings = verify(release, flags, session);
  if (flags.json) {
    session.out << to_object(release, findings).dump(2) << "\n";
  } else {
    print(release, findings, session.out);
  }
  if (!alphas_agree(findings)) {
    fail(ErrorCode::kRefused, flags.release,
         " lets more pass on these pictures than its alpha allows: use a release that was learned "
         "on pictures like these");
  }
  return attacks_agree(findings) ? 0 : kSomeFailed;
}

}  // namespace

Action declare_verify(CLI::App& app) {
  const auto flags = make_flags<VerifyFlags>();
  app.add_option("RELEASE", flags->release, "the folder of a release");
  flags->dataset.declare(app);
  declare_alphas(app, flags->alphas, "alphas to attack [the highest]");
  app.add_option("--pictures", flags->pictures, "use at most so many of the dataset")
      ->type_name("N");
  app.add_flag("--json", flags->json, "print JSON");
  return [flags](const Session& session) { return run(*flags, session); };
}

}  // namespace scrim::cli
