#include "noise/ledger.h"

#include "base/check.h"
#include "noise/contract.h"
#include "noise/mechanism.h"

#include <algorithm>
#include <numeric>

namespace scrim {
namespace {

// The draw of a record that is never the same as another: a fresh one, or one that was lost.
constexpr Mark kNoDraw = {};

double alpha_of_counts(const std::vector<std::vector<double>>& snr,
                       std::span<const std::int64_t> counts, std::int64_t channels) {
  std::vector<double> total(snr.front().size(), 0.0);
  for (std::size_t a = 0; a < counts.size(); ++a) {
    for (std::size_t k = 0; k < total.size(); ++k) {
      total[k] += static_cast<double>(counts[a]) * snr[a][k];
    }
  }
  return alpha_of(total, channels);
}

}  // namespace

Ledger::Ledger(const NoiseParameters& parameters)
    : channels_(parameters.channels), alphas_(parameters.alphas) {
  check(!alphas_.empty(), "the noise is calibrated for no alpha");
  for (const double alpha : alphas_) {
    const Mechanism mechanism = mechanism_at(parameters, alpha);
    std::vector<double>& promised = promised_.emplace_back(mechanism.scale.size(), 0.0);
    for (std::size_t k = 0; k < promised.size(); ++k) {
      if (mechanism.scale[k] == 0.0F) continue;
      const double ratio = static_cast<double>(mechanism.scale[k]) / mechanism.sigma[k];
      promised[k] = ratio * ratio;
    }
    held_out_.push_back(promised);
    for (std::size_t k = 0; k < parameters.held_out_variance.size(); ++k) {
      held_out_.back()[k] *= parameters.held_out_variance[k];
    }
  }
}

std::size_t Ledger::row_of(const AccountRecord& record) const {
  const auto row = std::ranges::find(alphas_, record.alpha);
  if (row == alphas_.end()) {
    fail(ErrorCode::kCorrupt, "the accountant counts a release at alpha ", record.alpha,
         ", which the release does not have");
  }
  return static_cast<std::size_t>(row - alphas_.begin());
}

void Ledger::add(const AccountRecord& record) {
  if (record.input == kEveryInput) {
    ++of_every_input_;
  } else {
    const std::size_t row = row_of(record);
    Counts& counts = by_input_[record.input];
    counts.resize(alphas_.size());
    ++counts[row];
    if (record.draw != kNoDraw) draws_.emplace(record.input, record.draw);
  }
  ++releases_;
}

bool Ledger::holds(const AccountRecord& record) const {
  return record.draw != kNoDraw && draws_.contains({record.input, record.draw});
}

// The lowest alpha, at which most passes, is the first.
Ledger::Counts Ledger::counts_of(const Mark& input) const {
  const auto found = by_input_.find(input);
  Counts counts = found == by_input_.end() ? Counts(alphas_.size()) : found->second;
  counts.front() += of_every_input_;
  return counts;
}

Spent Ledger::spent_at(const Counts& counts) const {
  return {.releases = std::accumulate(counts.begin(), counts.end(), std::int64_t{0}),
          .alpha = std::min(alpha_of_counts(promised_, counts, channels_),
                            alpha_of_counts(held_out_, counts, channels_))};
}

Spent Ledger::spent(const Mark& input) const { return spent_at(counts_of(input)); }

Spent Ledger::spent_with(const Mark& input, std::span<const AccountRecord> further) const {
  Counts counts = counts_of(input);
  for (const AccountRecord& record : further) {
    if (record.input == input) ++counts[row_of(record)];
  }
  return spent_at(counts);
}

Spent Ledger::most_spent() const {
  Spent most = spent(kEveryInput);  // an input that is not in the file
  for (const auto& [input, counts] : by_input_) {
    const Spent one = spent(input);
    if (one.alpha < most.alpha) most = one;
  }
  return most;
}

}  // namespace scrim
