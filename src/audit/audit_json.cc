#include <scrim/audit.h>
#include <scrim/status.h>

#include "audit/attackers_text.h"
#include "base/json.h"

#include <cmath>

namespace scrim {
namespace {

// JSON has no NaN: what was not measured is null.
Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json figure_json(const Measured& figure) {
  if (!std::isfinite(figure.value)) return nullptr;
  return {{"value", figure.value},
          {"low", number_or_null(figure.low)},
          {"high", number_or_null(figure.high)}};
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json release_of(const Manifest& manifest, std::int64_t channels) {
  return {{"release_id", manifest.release_id},
          {"model", manifest.model},
          {"task", manifest.task},
          {"split_point", manifest.split_point},
          {"objective", manifest.objective},
          {"scale", manifest.input.scale},
          {"stride", manifest.stride},
          {"channels", channels},
          {"data_digest", manifest.data_digest}};
}

Json accuracy_of(const ReportContents& c) {
  Json rows = Json::array();
  for (const AccuracyRow& row : c.accuracy) {
    rows.push_back({{"alpha", number_or_null(row.alpha)}, {"accuracy", figure_json(row.accuracy)}});
  }
  return {{"name", c.accuracy_name},
          {"protocol", c.accuracy_protocol},
          {"source", c.accuracy_source},
          {"pictures", c.accuracy_pictures},
          {"untouched", figure_json(c.untouched)},
          {"rows", std::move(rows)}};
}

Json capacity_of(const CapacityRow& row) {
  return {{"alpha", row.alpha},
          {"diagonal_alpha", number_or_null(row.diagonal_alpha)},
          {"joint_alpha", number_or_null(row.joint_alpha)},
          {"diagonal_bits", number_or_null(row.diagonal_bits)},
          {"joint_bits", number_or_null(row.joint_bits)},
          {"bits_per_picture", number_or_null(row.bits_per_picture)},
          {"norm_median", number_or_null(row.norm_median)},
          {"norm_99", number_or_null(row.norm_99)},
          {"norm_999", number_or_null(row.norm_999)},
          {"norm_max", number_or_null(row.norm_max)},
          {"pair_auc_5", number_or_null(row.pair_auc_5)},
          {"pair_auc_50", number_or_null(row.pair_auc_50)},
          {"pair_distance_50", number_or_null(row.pair_distance_50)},
          {"cell_auc_50", number_or_null(row.cell_auc_50)},
          {"fano_error", number_or_null(row.fano_error)}};
}

Json picture_of(const PictureFigures& picture) {
  return {{"name", picture.name},
          {"error", number_or_null(picture.error)},
          {"variance", number_or_null(picture.variance)},
          {"face_error", number_or_null(picture.face_error)},
          {"face_variance", number_or_null(picture.face_variance)},
          {"psnr", number_or_null(picture.psnr)},
          {"ssim", number_or_null(picture.ssim)}};
}

Json attack_of(const AttackRow& row) {
  Json pictures = Json::array();
  for (const PictureFigures& picture : row.per_picture) pictures.push_back(picture_of(picture));
  return {{"attacker", row.attacker},
          {"seen", seen_name(row.seen)},
          {"alpha", number_or_null(row.alpha)},
          {"draws", row.draws},
          {"alpha_after_draws", number_or_null(row.alpha_after_draws)},
          {"unexplained_variance", figure_json(row.unexplained_variance)},
          {"unexplained_in_faces", figure_json(row.unexplained_in_faces)},
          {"psnr", figure_json(row.psnr)},
          {"ssim", figure_json(row.ssim)},
          {"rank1", figure_json(row.rank1)},
          {"rank1_chance", number_or_null(row.rank1_chance)},
          {"auc", figure_json(row.auc)},
          {"attribute", text_or_null(row.attribute)},
          {"accuracy", figure_json(row.accuracy)},
          {"accuracy_chance", number_or_null(row.accuracy_chance)},
          {"pictures", row.pictures},
          {"identity_pictures", row.identity_pictures},
          {"people", row.people},
          {"seconds", row.seconds},
          {"per_picture", std::move(pictures)}};
}

Json controls_of(const AuditResult& audit) {
  Json controls = Json::array();
  for (const Control& control : audit.controls) {
    controls.push_back({{"name", control.name},
                        {"expectation", control.expectation},
                        {"value", number_or_null(control.value)},
                        {"passed", control.passed}});
  }
  return controls;
}

Json method_of(const ReportContents& c) {
  const AuditResult& audit = c.audit;
  Json seconds = Json::array();
  for (const auto& [stage, time] : audit.seconds) {
    seconds.push_back({{"stage", stage}, {"seconds", time}});
  }
  return {{"mode", c.mode == AuditMode::kQuick ? "quick" : "full"},
          {"seed", c.seed},
          {"commands", c.commands},
          {"audited_pictures", audit.audited_pictures},
          {"attacker_pictures", audit.attacker_pictures},
          {"dataset_digest", text_or_null(audit.dataset_digest)},
          {"attacker_digest", text_or_null(audit.attacker_digest)},
          {"recogniser_sha256", text_or_null(audit.recogniser_sha256)},
          {"weights_sha256", text_or_null(audit.weights_sha256)},
          {"seconds", std::move(seconds)}};
}

}  // namespace

std::string audit_json(const ReportContents& contents) {
  const AuditResult& audit = contents.audit;
  Json capacity = Json::array(), attacks = Json::array();
  for (const CapacityRow& row : audit.capacity) capacity.push_back(capacity_of(row));
  for (const AttackRow& row : audit.attacks) attacks.push_back(attack_of(row));
  const Json json = {{"format", "scrim-audit"},
                     {"format_version", 1},
                     {"title", contents.title},
                     {"created", contents.created},
                     {"tool_version", std::string(version())},
                     {"release", release_of(contents.manifest, contents.channels)},
                     {"valid", audit.valid},
                     {"controls", controls_of(audit)},
                     {"capacity", std::move(capacity)},
                     {"attacks", std::move(attacks)},
                     {"skipped", audit.skipped},
                     {"accuracy", accuracy_of(contents)},
                     {"method", method_of(contents)}};
  // File names need not be UTF-8, JSON must.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace scrim
