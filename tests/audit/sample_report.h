// A report with every kind of row, for the tests of its parts.
#pragma once

#include <scrim/audit.h>

namespace scrim {

inline Image grey(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 128)};
}

inline AttackRow attack_row(const std::string& attacker, Seen seen, double alpha, double missed,
                            double rank1) {
  AttackRow row;
  row.attacker = attacker;
  row.seen = seen;
  row.alpha = alpha;
  row.unexplained_variance = {missed, missed - 0.02, missed + 0.02};
  row.rank1 = {rank1, rank1 - 0.01, rank1 + 0.01};
  row.auc.value = 0.5 + rank1 / 2;
  row.rank1_chance = 0.045;
  row.pictures = 7;
  row.identity_pictures = 200;
  row.people = 20;
  return row;
}

inline AuditResult sample_audit() {
  AuditResult audit;
  audit.valid = true;
  audit.controls = {{"decoder after <pool2>", "rank-1 at least 0.90", 0.97, true}};
  for (const double alpha : {0.5, 0.95}) {
    CapacityRow row{.alpha = alpha, .diagonal_alpha = alpha, .joint_alpha = alpha};
    row.diagonal_bits = 0.161;
    row.bits_per_picture = 22710;
    row.norm_999 = 18.7;
    row.norm_max = 26.2;
    audit.capacity.push_back(row);
  }
  audit.attacks = {attack_row("linear", Seen::kRelease, 0.5, 0.6, 0.1),
                   attack_row("linear", Seen::kRelease, 0.95, 0.8, 0.05),
                   attack_row("linear", Seen::kNoNoise, 0, 0.5, 0.2),
                   attack_row("decoder", Seen::kRelease, 0.5, 0.4, 0.3),
                   attack_row("decoder", Seen::kRelease, 0.95, 0.642, 0.08),
                   attack_row("decoder", Seen::kNoNoise, 0, 0.343, 0.315),
                   attack_row("decoder", Seen::kNoiseOnly, 0, 1.01, 0.046)};
  AttackRow average = attack_row("decoder", Seen::kRelease, 0.95, 0.45, 0.25);
  average.draws = 16;
  average.alpha_after_draws = 0.543;
  audit.attacks.push_back(average);
  audit.examples = {
      {"<img onerror=x>", grey(60, 40), grey(24, 16), {{0.5, grey(24, 16)}, {0.95, grey(24, 16)}}}};
  audit.skipped = {"attribute <mask>: no labels"};
  audit.release_id = "00ff<";
  audit.dataset_digest = "ab12";
  audit.audited_pictures = 7;
  audit.attacker_pictures = 9;
  audit.seconds = {{"learn <fast>", 61.04}};
  return audit;
}

inline ReportContents sample_report() {
  ReportContents c;
  c.title = "Faces <of> a & b";
  c.created = "2025-03-31T10:00:00Z";
  c.manifest.model = "faceboxes";
  c.manifest.task = "face-detection";
  c.manifest.split_point = "inception3";
  c.manifest.release_id = "00ff<";
  c.manifest.objective = "fisher";
  c.channels = 128;
  c.accuracy_name = "average precision";
  c.accuracy_protocol = "PASCAL";
  c.accuracy_pictures = 171;
  c.untouched.value = 0.8;
  c.accuracy = {{.accuracy = {0.93, 0.9, 0.95}},
                {.alpha = 0.5, .accuracy = {0.927, 0.9, 0.95}},
                {.alpha = 0.95, .accuracy = {0.837, 0.8, 0.86}}};
  c.audit = sample_audit();
  c.pictures = report_pictures(c.audit);
  c.commands = {"scrim audit faces.scrim && rm \"x\""};
  return c;
}

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace scrim
