// A request's JSON, with the sentences that the protocol's clients know.
//
// RapidJSON reads it, because the reference server does: what counts as JSON, at which byte it ends
// and what the message says are then the same.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/error/error.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace scrim {

using RequestJson = rapidjson::Document;
using RequestValue = rapidjson::Value;

// Iterative: brackets cost memory of the heap, which the body's size bounds, and no stack.
constexpr unsigned kRequestRules = rapidjson::kParseNanAndInfFlag | rapidjson::kParseIterativeFlag;

// NaN, Infinity and -Infinity are numbers. Throws kInternal with the byte where it ends to be JSON.
RequestJson parse_request_json(std::string_view text);

[[noreturn]] void refuse_request_json(const rapidjson::ParseResult& result);

// The member, or null when there is none or `object` is no object.
const RequestValue* member(const RequestValue& object, const char* key);

// The member as what it must be. Each throws kInternal: "`verb` 'key': attempt to access ...".
std::string string_member(const RequestValue& object, const char* key);
const RequestValue& array_member(const RequestValue& object, const char* key);

// Of a value that is there. `verb` begins the sentence.
bool as_bool(const RequestValue& value, const std::string& verb);
std::uint64_t as_unsigned(const RequestValue& value, const std::string& verb);

// Throws kInternal: "VERB: attempt to access JSON non-WANTED as WANTED".
[[noreturn]] void fail_as(const std::string& verb, const char* non, const char* wanted);

}  // namespace scrim
