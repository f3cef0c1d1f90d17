#include "protocol/request_json.h"

#include "protocol/request_error.h"

#include <rapidjson/error/en.h>

namespace scrim {
namespace {

std::string to_parse(const char* key) { return std::string("Unable to parse '") + key + "'"; }

const RequestValue& required(const RequestValue& object, const char* key) {
  const RequestValue* found = member(object, key);
  if (found == nullptr) {
    throw RequestError(
        RequestFault::kInternal,
        to_parse(key) + ": attempt to access non-existing object member '" + key + "'");
  }
  return *found;
}

}  // namespace

RequestJson parse_request_json(std::string_view text) {
  RequestJson document;
  document.Parse<kRequestRules>(text.data(), text.size());
  if (document.HasParseError()) {
    refuse_request_json({document.GetParseError(), document.GetErrorOffset()});
  }
  return document;
}

void refuse_request_json(const rapidjson::ParseResult& result) {
  throw RequestError(RequestFault::kInternal,
                     std::string("failed to parse the request JSON buffer: ") +
                         rapidjson::GetParseError_En(result.Code()) + " at " +
                         std::to_string(result.Offset()));
}

const RequestValue* member(const RequestValue& object, const char* key) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string string_member(const RequestValue& object, const char* key) {
  const RequestValue& value = required(object, key);
  if (!value.IsString()) fail_as(to_parse(key), "string", "string");
  return {value.GetString(), value.GetStringLength()};
}

const RequestValue& array_member(const RequestValue& object, const char* key) {
  const RequestValue& value = required(object, key);
  if (!value.IsArray()) fail_as(to_parse(key), "array", "array");
  return value;
}

bool as_bool(const RequestValue& value, const std::string& verb) {
  if (!value.IsBool()) fail_as(verb, "boolean", "boolean");
  return value.GetBool();
}

std::uint64_t as_unsigned(const RequestValue& value, const std::string& verb) {
  if (!value.IsUint64()) fail_as(verb, "unsigned-integer", "unsigned-integer");
  return value.GetUint64();
}

void fail_as(const std::string& verb, const char* non, const char* wanted) {
  throw RequestError(RequestFault::kInternal,
                     verb + ": attempt to access JSON non-" + non + " as " + wanted);
}

}  // namespace scrim
