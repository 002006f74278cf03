// json_members: see the header.
#include "tools/lambda-sandbox/apm_server/json_members.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sandbox {

namespace {

std::size_t edit_distance(std::string_view left, std::string_view right) {
  // Levenshtein with one row: row[j] is the distance between the prefix of
  // `left` done so far and the first j characters of `right`.
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const auto replace = diagonal + (left[i] == right[j] ? 0u : 1u);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replace, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

} // namespace

std::string json_pointer_step(std::string_view pointer, std::string_view step) {
  std::string result{pointer};
  result += '/';
  for (const auto c : step) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

std::vector<std::string> nearest_names(std::string_view unknown,
                                       const std::set<std::string>& known,
                                       std::size_t count) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  ranked.reserve(known.size());
  for (const auto& name : known)
    ranked.emplace_back(edit_distance(unknown, name), name);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> result;
  for (const auto& [distance, name] : ranked)
    if (result.size() < count)
      result.push_back(name);
  return result;
}

json_members::json_members(const rapidjson::Value& value, std::string pointer,
                           json_problems& problems)
    : value_(value), pointer_(std::move(pointer)), problems_(problems) {
  if (!is_object())
    complain("", "must be an object");
}

bool json_members::get(const char* name, bool& target) {
  const auto* found = get_any(name);
  if (found == nullptr)
    return false;
  if (!found->IsBool()) {
    complain(name, "must be true or false");
    return false;
  }
  target = found->GetBool();
  return true;
}

bool json_members::get(const char* name, std::string& target) {
  const auto* found = get_any(name);
  if (found == nullptr)
    return false;
  if (!found->IsString()) {
    complain(name, "must be a string");
    return false;
  }
  target.assign(found->GetString(), found->GetStringLength());
  return true;
}

bool json_members::get(const char* name, std::int64_t& target,
                       std::int64_t least, std::int64_t most) {
  const auto* found = get_any(name);
  if (found == nullptr)
    return false;
  if (!found->IsInt64() || found->GetInt64() < least
      || found->GetInt64() > most) {
    auto range = "must be a whole number of at least " + std::to_string(least);
    if (most != INT64_MAX)
      range += " and at most " + std::to_string(most);
    complain(name, std::move(range));
    return false;
  }
  target = found->GetInt64();
  return true;
}

bool json_members::get_choice(const char* name, std::string& target,
                              const std::vector<std::string>& choices) {
  const auto* found = get_any(name);
  if (found == nullptr)
    return false;
  if (found->IsString()) {
    const std::string text{found->GetString(), found->GetStringLength()};
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
      target = text;
      return true;
    }
  }
  complain(name, "must be one of: " + joined(choices));
  return false;
}

bool json_members::get(const char* name, std::vector<std::string>& target) {
  const auto* found = get_any(name);
  if (found == nullptr)
    return false;
  std::vector<std::string> texts;
  if (found->IsArray())
    for (const auto& element : found->GetArray())
      if (element.IsString())
        texts.emplace_back(element.GetString(), element.GetStringLength());
  if (!found->IsArray() || texts.size() != found->Size()) {
    complain(name, "must be an array of strings");
    return false;
  }
  target = std::move(texts);
  return true;
}

const rapidjson::Value* json_members::get_any(const char* name) {
  known_.insert(name);
  if (!is_object())
    return nullptr;
  const auto found = value_.FindMember(name);
  return found == value_.MemberEnd() ? nullptr : &found->value;
}

void json_members::complain(std::string_view name, std::string message) {
  problems_.push_back({pointer_to(name), std::move(message)});
}

std::string json_members::pointer_to(std::string_view name) const {
  return name.empty() ? pointer_ : json_pointer_step(pointer_, name);
}

void json_members::finish() {
  if (!is_object())
    return;
  for (const auto& member : value_.GetObject()) {
    const std::string name{member.name.GetString(),
                           member.name.GetStringLength()};
    if (known_.count(name) == 0)
      complain(name, "is not known here; did you mean "
                         + joined(nearest_names(name, known_)) + "?");
  }
}

} // namespace sandbox
