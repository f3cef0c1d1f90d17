// What an accountant knows in memory: releases by input, and the alpha of all of them together.
#pragma once

#include <scrim/noise.h>

#include "noise/account_file.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace scrim {

// n_a releases of one input at alpha a are worth one release whose signal-to-noise ratios are
// SNR_k = sum_a n_a SNR_ak (docs/decisions/0005). The variances are the promised or the held-out
// ones, whichever show the lower alpha.
class Ledger {
 public:
  // Throws as mechanism_at does, for any of the alphas.
  explicit Ledger(const NoiseParameters& parameters);

  // Throws kCorrupt on a record whose alpha the release does not have.
  void add(const AccountRecord& record);
  // Whether the record names a draw that was counted: the same bits again tell nothing new.
  bool holds(const AccountRecord& record) const;

  Spent spent(const Mark& input) const;
  // After these records too, without adding them.
  Spent spent_with(const Mark& input, std::span<const AccountRecord> further) const;
  // Of the input that has the lowest alpha.
  Spent most_spent() const;
  std::int64_t releases() const { return releases_; }

 private:
  using Counts = std::vector<std::int64_t>;  // by row of the alphas
  struct HashMark {
    std::size_t operator()(const Mark& mark) const {
      std::size_t hash = 0;
      std::memcpy(&hash, mark.data(), sizeof(hash));
      return hash;
    }
  };

  std::size_t row_of(const AccountRecord& record) const;
  Counts counts_of(const Mark& input) const;
  Spent spent_at(const Counts& counts) const;

  std::int64_t channels_;
  std::vector<double> alphas_;
  std::vector<std::vector<double>> promised_, held_out_;  // SNR, A x K
  std::unordered_map<Mark, Counts, HashMark> by_input_;
  std::set<std::pair<Mark, Mark>> draws_;  // input and draw
  std::int64_t of_every_input_ = 0;        // lost records, at the lowest alpha
  std::int64_t releases_ = 0;
};

}  // namespace scrim
