#include "repository/release_contract.h"

#include <scrim/status.h>

#include "base/check.h"
#include "base/json.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kMostDirections = 65'536;
constexpr std::size_t kMostLevels = 4096;

[[noreturn]] void bad_contract(const std::string& model, const std::string& what) {
  fail(ErrorCode::kInvalidArgument, "the ", kContractParameter, " of model '", model, "' ", what);
}

bool is_release_id(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

ReleaseContract::Level level_of(const Json& json, std::int64_t directions,
                                const std::string& model) {
  ReleaseContract::Level level{json.at("alpha").get<double>(),
                               json.at("scale").get<std::vector<float>>(),
                               json.at("sigma").get<std::vector<float>>()};
  if (!(level.alpha > 0 && level.alpha < 1)) bad_contract(model, "has an alpha outside (0, 1)");
  for (const auto& [name, values] : {std::pair{"scale", &level.scale}, {"sigma", &level.sigma}}) {
    if (static_cast<std::int64_t>(values->size()) != directions) {
      bad_contract(model, sentence("has ", values->size(), " values of ", name, " for ", directions,
                                   " directions"));
    }
    const auto good = [](float value) { return std::isfinite(value) && value >= 0; };
    if (!std::ranges::all_of(*values, good)) {
      bad_contract(model, sentence("has a ", name, " below 0"));
    }
  }
  for (std::size_t k = 0; k < level.scale.size(); ++k) {
    if (level.scale[k] > 0 && !(level.sigma[k] > 0)) {
      bad_contract(model, "lets a direction pass without noise");
    }
  }
  return level;
}

ReleaseContract contract_of(const Json& json, const std::string& model) {
  if (json.at("format") != "scrim-contract" || json.at("format_version") != 1) {
    bad_contract(model, "is not of format scrim-contract, version 1");
  }
  ReleaseContract contract;
  contract.directions = json.at("directions").get<std::int64_t>();
  if (contract.directions < 1 || contract.directions > kMostDirections) {
    bad_contract(model,
                 sentence("has ", contract.directions, " directions, not 1 to ", kMostDirections));
  }
  contract.channels = json.at("channels").get<std::int64_t>();
  if (contract.channels < contract.directions) {
    bad_contract(model, sentence("has ", contract.channels, " channels, below its directions"));
  }
  const Json& levels = json.at("alphas");
  if (!levels.is_array() || levels.empty() || levels.size() > kMostLevels) {
    bad_contract(model, sentence("has not 1 to ", kMostLevels, " alphas"));
  }
  for (const Json& one : levels) {
    contract.levels.push_back(level_of(one, contract.directions, model));
  }
  std::ranges::sort(contract.levels, {}, &ReleaseContract::Level::alpha);
  return contract;
}

// Keeps the one level that the codes of a wire hold at.
void read_wire(const std::map<std::string, std::string>& parameters, const std::string& model,
               ReleaseContract& contract) {
  const auto name = parameters.find(kWireParameter);
  if (name == parameters.end()) return;
  const auto wire = wire_of(name->second);
  if (!wire) bad_contract(model, "is for a wire that is none of fp32, fp16, int8");
  contract.wire = *wire;
  if (*wire == WireType::kFp32) return;
  const auto text = parameters.find(kAlphaParameter);
  const auto alpha =
      text == parameters.end() ? std::nullopt : alpha_parameter({{kAlphaParameter, text->second}});
  std::erase_if(contract.levels,
                [&](const ReleaseContract::Level& level) { return alpha != level.alpha; });
  if (contract.levels.empty()) {
    bad_contract(model, sentence("is for the wire ", name->second, " and has no ", kAlphaParameter,
                                 " that it lists"));
  }
}

}  // namespace

Datatype wire_datatype(PlaneCode code) {
  constexpr Datatype kTypes[] = {Datatype::kFp32, Datatype::kFp16, Datatype::kInt8,
                                 Datatype::kInt16};
  return kTypes[static_cast<std::size_t>(code)];
}

std::vector<WireTensor> ReleaseContract::wire_tensors() const {
  return scrim::wire_tensors(wire_planes(levels.front().scale, levels.front().sigma, wire));
}

std::optional<ReleaseContract> read_contract(const std::map<std::string, std::string>& parameters,
                                             const std::string& model) {
  const auto text = parameters.find(kContractParameter);
  if (text == parameters.end()) return std::nullopt;
  const auto release = parameters.find(kReleaseParameter);
  if (release == parameters.end() || !is_release_id(release->second)) {
    fail(ErrorCode::kInvalidArgument, "model '", model, "' has a ", kContractParameter, " and no ",
         kReleaseParameter, " of 64 hexadecimal digits");
  }
  try {
    ReleaseContract contract = contract_of(parse_json(text->second, kContractParameter), model);
    contract.release = release->second;
    read_wire(parameters, model, contract);
    return contract;
  } catch (const Json::exception&) {
    bad_contract(model, "lacks a field, or has one of another type");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInvalidArgument) throw;
    bad_contract(model, "is no JSON");
  }
}

}  // namespace scrim
