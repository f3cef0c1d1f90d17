// What the verbs that write a report have in common.
#pragma once

#include <scrim/audit.h>
#include <scrim/evaluate.h>

#include <filesystem>
#include <string>

namespace scrim::cli {

// The mean of the folds with its interval.
AccuracyRow accuracy_row(const Evaluation& evaluation);
AccuracyRow accuracy_row(const ClassifierEvaluation& evaluation);
// Where the audit of a release is looked for: faces.audit beside faces.scrim.
std::filesystem::path audit_folder(const std::filesystem::path& release);
// What an audit keeps in its folder to rebuild pictures with.
inline constexpr const char* kDecoderFile = "decoder.safetensors";
// As in "2024-05-01T12:34:56Z".
std::string now_utc();

}  // namespace scrim::cli
