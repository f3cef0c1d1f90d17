#include "repository/model_config_json.h"

#include "base/json.h"
#include "repository/config_fault.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <map>

namespace scrim {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Prints one model's config; faults name it.
class Printer {
 public:
  explicit Printer(const std::string& model) : model_(model) {}
  Json message_json(const Message& message) const;

 private:
  Json value_json(const Message& message, const FieldDescriptor& field) const;
  Json element_json(const Message& message, const FieldDescriptor& field, int index) const;
  Json map_json(const Message& message, const FieldDescriptor& field) const;
  Json repeated_json(const Message& message, const FieldDescriptor& field) const;
  Json enum_json(int number, const FieldDescriptor& field) const;
  Json text_json(std::string text, const FieldDescriptor& field) const;

  const std::string& model_;
};

Json Printer::enum_json(int number, const FieldDescriptor& field) const {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) {
    invalid(model_, "field ", field.name(), " has the value ", number, ", which ",
            field.enum_type()->name(), " does not have");
  }
  return value->name();
}

Json Printer::text_json(std::string text, const FieldDescriptor& field) const {
  Json json = std::move(text);
  try {
    json.dump();
  } catch (const Json::type_error&) {
    invalid(model_, "field ", field.name(), " of ", field.containing_type()->name(),
            " holds a text that is not UTF-8");
  }
  return json;
}

// The value of a field that is not repeated.
Json Printer::value_json(const Message& message, const FieldDescriptor& field) const {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return enum_json(reflection.GetEnumValue(message, &field), field);
    case FieldDescriptor::CPPTYPE_STRING:
      return text_json(reflection.GetString(message, &field), field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return message_json(reflection.GetMessage(message, &field));
  }
  return nullptr;
}

// The value of one element of a repeated field.
Json Printer::element_json(const Message& message, const FieldDescriptor& field, int index) const {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetRepeatedInt32(message, &field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetRepeatedInt64(message, &field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetRepeatedUInt32(message, &field, index);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.GetRepeatedUInt64(message, &field, index);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetRepeatedDouble(message, &field, index);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.GetRepeatedFloat(message, &field, index);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetRepeatedBool(message, &field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return enum_json(reflection.GetRepeatedEnumValue(message, &field, index), field);
    case FieldDescriptor::CPPTYPE_STRING:
      return text_json(reflection.GetRepeatedString(message, &field, index), field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return message_json(reflection.GetRepeatedMessage(message, &field, index));
  }
  return nullptr;
}

Json Printer::map_json(const Message& message, const FieldDescriptor& field) const {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::map<std::string, Json> sorted;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    const Json name = value_json(entry, key);
    sorted[name.is_string() ? name.get<std::string>() : name.dump()] = value_json(entry, value);
  }
  Json result = Json::object();
  for (auto& [name, one] : sorted) result[name] = std::move(one);
  return result;
}

Json Printer::repeated_json(const Message& message, const FieldDescriptor& field) const {
  Json result = Json::array();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    result.push_back(element_json(message, field, i));
  }
  return result;
}

Json Printer::message_json(const Message& message) const {
  Json result = Json::object();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_map()) {
      result[field.name()] = map_json(message, field);
    } else if (field.is_repeated()) {
      result[field.name()] = repeated_json(message, field);
    } else if (!field.has_presence() || message.GetReflection()->HasField(message, &field)) {
      result[field.name()] = value_json(message, field);
    }
  }
  return result;
}

}  // namespace

std::string config_json(const inference::ModelConfig& config) {
  return Printer(config.name()).message_json(config).dump();
}

}  // namespace scrim
