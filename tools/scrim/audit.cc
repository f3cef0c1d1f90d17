// scrim audit: attacks a release and writes what a stranger needs to judge it.
#include "accuracy.h"
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"
#include "report.h"

#include <algorithm>
#include <cmath>
#include <iomanip>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kQuickAccuracyPictures = 60;
constexpr int kMost = 1'000'000;

struct AuditFlags {
  std::string release, output;
  DatasetFlags dataset;
  std::vector<std::string> attacker_datasets;
  std::string attacker_list, recogniser, identities, weights, untouched;
  std::vector<double> alphas;
  bool quick = false, full = false, json = false;
  AuditOptions options;
};

void check_flags(const AuditFlags& flags) {
  require(!flags.release.empty(), "name the release to audit");
  require(!(flags.quick && flags.full), "name --quick or --full, not both");
  for (const double alpha : flags.alphas) check_alpha(alpha);
  require(flags.attacker_list.empty() || !flags.attacker_datasets.empty(),
          "--attacker-list names pictures of --attacker-dataset; name that too");
  require(flags.recogniser.empty() == flags.identities.empty(),
          "--recogniser and --identities go together: a recogniser needs people to find");
  check_range("--pictures", flags.options.pictures, 0, kMost);
  check_range("--decoder-steps", flags.options.decoder_steps, 0, kMost);
}

AuditOptions options_of(const AuditFlags& flags, const Session& session) {
  AuditOptions options = flags.options;
  options.alphas = flags.alphas;
  options.mode = flags.full ? AuditMode::kFull : AuditMode::kQuick;
  options.recogniser = flags.recogniser;
  options.identities = flags.identities;
  options.weights = flags.weights;
  for (const std::string& folder : flags.attacker_datasets) {
    options.attacker_datasets.push_back(
        Dataset::open(folder, {.layout = flags.dataset.layout, .list = flags.attacker_list}));
  }
  options.progress = session.progress;
  options.stop = session.stop;
  return options;
}

// Every flag that changes a figure, as it is typed.
std::string command_of(const AuditFlags& flags, const fs::path& output) {
  std::ostringstream out;
  out << "scrim audit " << flags.release << " --dataset " << flags.dataset.folder;
  const auto add = [&out](const char* flag, const std::string& value) {
    if (!value.empty()) out << " " << flag << " " << value;
  };
  if (flags.dataset.layout != "auto") add("--layout", flags.dataset.layout);
  add("--list", flags.dataset.list);
  for (const std::string& folder : flags.attacker_datasets) add("--attacker-dataset", folder);
  add("--attacker-list", flags.attacker_list);
  add("--recogniser", flags.recogniser);
  add("--identities", flags.identities);
  add("--weights", flags.weights);
  add("--untouched", flags.untouched);
  for (const double alpha : flags.alphas) add("--alpha", CLI::detail::to_string(alpha));
  out << (flags.full ? " --full" : " --quick");
  if (flags.options.pictures > 0) out << " --pictures " << flags.options.pictures;
  if (flags.options.decoder_steps > 0) out << " --decoder-steps " << flags.options.decoder_steps;
  out << " --seed " << flags.options.seed << " --output " << output.string();
  return out.str();
}

std::string text(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  std::ostringstream out;
  out << std::fixed << std::setprecision(decimals) << value;
  return out.str();
}

void print_row(const AttackRow& row, std::ostream& out) {
  constexpr const char* kSeen[] = {"", "no noise", "noise only", "shallow cut", "pictures"};
  std::string given = row.seen == Seen::kRelease ? "alpha " + text(row.alpha, 3)
                                                 : kSeen[static_cast<int>(row.seen)];
  if (row.draws > 1) given += " x" + std::to_string(row.draws);
  out << std::left << std::setw(14) << row.attacker << std::setw(16) << given << std::right
      << std::setw(8) << text(row.unexplained_variance.value, 3) << std::setw(8)
      << text(row.ssim.value, 3) << std::setw(8) << text(row.rank1.value, 3) << std::setw(8)
      << text(row.auc.value, 3) << std::setw(8) << text(row.accuracy.value, 3) << "\n";
}

void print_summary(const ReportContents& report, std::ostream& out) {
  out << "attacker      given             missed    SSIM  rank-1     AUC   right\n";
  for (const AttackRow& row : report.audit.attacks) print_row(row, out);
  if (std::isfinite(report.untouched.value)) {
    out << report.accuracy_name << ", before adaptation: " << text(report.untouched.value, 4)
        << "\n";
  }
  for (const AccuracyRow& row : report.accuracy) {
    out << report.accuracy_name << ", "
        << (std::isfinite(row.alpha) ? "alpha " + text(row.alpha, 3) : "no noise") << ": "
        << text(row.accuracy.value, 4) << " [" << text(row.accuracy.low, 4) << ", "
        << text(row.accuracy.high, 4) << "]\n";
  }
  for (const Control& control : report.audit.controls) {
    out << (control.passed ? "passed  " : "FAILED  ") << control.name << ": "
        << text(control.value, 3) << ", " << control.expectation << "\n";
  }
  for (const std::string& reason : report.audit.skipped) out << "not attacked: " << reason << "\n";
  out << (report.audit.valid ? "valid: every control passed\n"
                             : "INVALID: what these attackers did not reach says nothing\n");
}

ReportContents contents_of(const AuditFlags& flags, const fs::path& output, const Release& release,
                           AuditResult result) {
  ReportContents report;
  report.title = "Audit of " + fs::path(flags.release).filename().string();
  report.created = now_utc();
  report.manifest = release.manifest();
  report.channels = release.noise().channels;
  report.mode = flags.full ? AuditMode::kFull : AuditMode::kQuick;
  report.seed = flags.options.seed;
  report.audit = std::move(result);
  report.pictures = report_pictures(report.audit);
  report.commands = {command_of(flags, output)};
  return report;
}

std::vector<double> attacked_alphas(const AuditResult& audit) {
  std::vector<double> alphas;
  for (const CapacityRow& row : audit.capacity) alphas.push_back(row.alpha);
  return alphas;
}

int audit_release(const AuditFlags& flags, const Session& session) {
  check_flags(flags);
  const Release release = Release::open(flags.release);
  const Dataset dataset = flags.dataset.open();
  const fs::path output =
      flags.output.empty() ? audit_folder(flags.release) : fs::path(flags.output);
  AuditOptions options = options_of(flags, session);
  if (!flags.untouched.empty()) load_network(flags.untouched);  // wrong weights are told at once
  make_folder(output);
  check_writable(output);
  ReportContents report = contents_of(flags, output, release, audit(release, dataset, options));
  const AccuracyOptions accuracy{.alphas = attacked_alphas(report.audit),
                                 .untouched = flags.untouched,
                                 .pictures = flags.full ? 0 : kQuickAccuracyPictures,
                                 .seed = flags.options.seed};
  add_accuracy(release, dataset, accuracy, session, report);
  const std::string json = audit_json(report);
  write_text(output / "audit.json", json);
  write_text(output / "report.html", html_report(report));
  write_text(output / kDecoderFile, report.audit.decoder);
  if (flags.json) {
    session.out << json;
  } else {
    print_summary(report, session.out);
    session.out << "\nwritten:\n  " << (output / "report.html").string()
                << "   open this in a browser\n  " << (output / "audit.json").string()
                << "    the same figures for programs\n  " << (output / kDecoderFile).string()
                << "    the attacker of `" << program_name() << " infer --reconstruct`\n\nnext:\n  "
                << program_name() << " verify " << flags.release << " --dataset "
                << flags.dataset.folder << "\n";
  }
  return report.audit.valid ? 0 : exit_code(ErrorCode::kRefused);
}

void declare_flags(CLI::App& app, AuditFlags& flags) {
  app.add_option("RELEASE", flags.release, "the release folder to attack");
  flags.dataset.declare(app);
  declare_alphas(app, flags.alphas, "which alphas of the release [quick: six; full: all]");
  app.add_flag("--quick", flags.quick, "sized for ten minutes on two cores [default]");
  app.add_flag("--full", flags.full, "train the attackers as long as it takes");
  app.add_option("--attacker-dataset", flags.attacker_datasets,
                 "pictures the attackers learn from [every other one of --dataset]")
      ->type_name("FOLDER");
  app.add_option("--attacker-list", flags.attacker_list, "use only those named in this file")
      ->type_name("FILE");
  app.add_option("--recogniser", flags.recogniser, "MobileFaceNet's weights, to find people again")
      ->type_name("FILE");
  app.add_option("--identities", flags.identities,
                 "a folder of pictures a person, with --recogniser")
      ->type_name("FOLDER");
  app.add_option("--weights", flags.weights,
                 "FaceBoxes' clean weights, for controls [the release's evidence]")
      ->type_name("FILE");
  app.add_option("--untouched", flags.untouched,
                 "the weights before learning, to compare the accuracy with")
      ->type_name("FILE");
  app.add_option("--pictures", flags.options.pictures, "audit at most so many [as the mode says]")
      ->type_name("N");
  app.add_option("--decoder-steps", flags.options.decoder_steps,
                 "of the trained attackers [as the mode says]")
      ->type_name("N");
  app.add_option("--seed", flags.options.seed, "of training, noise and intervals")->type_name("N");
  app.add_option("--output", flags.output, "for report.html and audit.json [RELEASE.audit]")
      ->type_name("FOLDER");
  app.add_flag("--json", flags.json, "print audit.json");
}

}  // namespace

Action declare_audit(CLI::App& app) {
  const auto flags = make_flags<AuditFlags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) { return audit_release(*flags, session); };
}

}  // namespace scrim::cli
