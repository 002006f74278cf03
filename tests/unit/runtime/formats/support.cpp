// The judges are RapidJSON's: its strict parser and its schema validator.
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>
#include <rapidjson/error/en.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace apm::test {

namespace {

std::filesystem::path data_path(const std::string& path) {
  return std::filesystem::path{APM_TEST_DATA_DIR} / path;
}

/// Writes `"additionalProperties": false` as a schema that nothing satisfies,
/// which means the same: beside `patternProperties` RapidJSON 1.1.0 writes past
/// its validators for the former.
void work_around_false(rapidjson::Value& schema,
                       rapidjson::Document::AllocatorType& memory) {
  if (schema.IsArray())
    for (auto& element : schema.GetArray())
      work_around_false(element, memory);
  if (!schema.IsObject())
    return;
  for (auto& member : schema.GetObject())
    work_around_false(member.value, memory);
  auto additional = schema.FindMember("additionalProperties");
  if (schema.HasMember("patternProperties") && additional != schema.MemberEnd()
      && additional->value.IsFalse()) {
    additional->value.SetObject();
    additional->value.AddMember("not", rapidjson::Value{rapidjson::kObjectType},
                                memory);
  }
}

} // namespace

std::string read_data(const std::string& path) {
  std::ifstream file{data_path(path), std::ios::binary};
  EXPECT_TRUE(file) << "tests/data/" << path << " cannot be read";
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> list_data(const std::string& folder,
                                   std::string_view suffix) {
  std::vector<std::string> files;
  std::filesystem::recursive_directory_iterator all{data_path(folder)};
  for (auto& entry : all) {
    std::string name = entry.path().string();
    if (name.size() >= suffix.size()
        && name.compare(name.size() - suffix.size(), suffix.size(), suffix)
               == 0)
      files.push_back(
          std::filesystem::relative(entry.path(), data_path("")).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> captured_bodies() {
  std::vector<std::string> bodies;
  for (auto& file : list_data("agent-captures", ".ndjson"))
    bodies.push_back(read_data(file));
  // Every capture but `init` registers, and 12 of 16 send data: the listing in
  // its README.
  EXPECT_GE(bodies.size(), 16u);
  return bodies;
}

rapidjson::Document strict_json(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag
                 | rapidjson::kParseIterativeFlag>(text.data(), text.size());
  EXPECT_FALSE(document.HasParseError())
      << rapidjson::GetParseError_En(document.GetParseError()) << " in "
      << text;
  return document;
}

std::string schema_violation(const std::string& schema_file,
                             const rapidjson::Value& value) {
  auto schema_text = read_data("intake-v2/schema/" + schema_file);
  rapidjson::Document schema_json = strict_json(schema_text);
  work_around_false(schema_json, schema_json.GetAllocator());
  rapidjson::SchemaDocument schema{schema_json};
  rapidjson::SchemaValidator validator{schema};
  if (value.Accept(validator))
    return {};
  rapidjson::StringBuffer where;
  validator.GetInvalidDocumentPointer().StringifyUriFragment(where);
  return std::string{validator.GetInvalidSchemaKeyword()} + " at "
         + where.GetString();
}

std::string random_text(std::mt19937& random, size_t size_max) {
  constexpr std::string_view syntax = "{}[]\":,\\\n\r \tu0d8e-truefalsnil";
  std::uniform_int_distribution<size_t> size{0, size_max};
  std::uniform_int_distribution<int> byte{0, 255};
  std::uniform_int_distribution<size_t> token{0, syntax.size() - 1};
  std::string text(size(random), '\0');
  for (char& x : text)
    x = byte(random) < 200 ? syntax[token(random)]
                           : static_cast<char>(byte(random));
  return text;
}

} // namespace apm::test
