// The release's side of a run: head, noise, and the accountant, from the flags that name them.
#pragma once

#include "flags.h"

#include <scrim/network.h>
#include <scrim/noise.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrim::cli {

// What is sent, and by which rules.
struct Obfuscation {
  Release release;
  Head head;
  Noise noise;
  std::shared_ptr<Accountant> accountant;  // or none
};

struct ObfuscationFlags {
  std::string release, draw = "sticky", wire = "fp32", accountant, source;
  std::vector<double> alphas;
  std::optional<double> least_alpha;
  KeyFlag key;

  void declare(CLI::App& app);
  // Throws kInvalidArgument on flags that do not go together.
  void check() const;
  // Throws as Release, Key, Noise and Accountant do. An accountant's file is made last.
  Obfuscation open() const;
};

// "fp32", "fp16" or "int8". Throws kInvalidArgument that lists them.
WireType wire_type(const std::string& name);

// How many values of a run lay beyond the clip.
struct ClipCount {
  std::int64_t clipped = 0;
  std::int64_t values = 0;

  void add(const Noise& noise, const Activation& activation);
  // One line: how many, and what that means once they are more than a few in a thousand.
  std::string summary() const;
};

}  // namespace scrim::cli
