// Objects within objects, as documents of the Elastic Common Schema have them.
// What is empty is left out.
//
//   ecs_object document{text};
//   document.object("ecs").string("version", "8.11.0");
//   document.end();
#pragma once

#include "runtime/formats/json_write.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flushtrace {

/// One object; it ends with `end`, or when it is destroyed.
class ecs_object {
public:
  explicit ecs_object(std::string& out) : out_(&out), json_(out) {}

  ecs_object(ecs_object&& other) noexcept
      : out_(other.out_),
        json_(other.json_),
        is_open_(std::exchange(other.is_open_, false)) {}

  ecs_object(const ecs_object&) = delete;
  ecs_object& operator=(const ecs_object&) = delete;
  ecs_object& operator=(ecs_object&&) = delete;

  ~ecs_object() { end(); }

  /// A member that is an object. *Ownership:* it ends before this does, and
  /// before this has another member.
  [[nodiscard]] ecs_object object(std::string_view name) {
    json_.key(name);
    return ecs_object{*out_};
  }

  void string(std::string_view name, std::string_view value) {
    json_.string_if_any(name, value);
  }

  void strings(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty())
      return;
    json_.key(name);
    *out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      *out_ += i == 0 ? "" : ",";
      apm::append_json_string(*out_, values[i]);
    }
    *out_ += ']';
  }

  void integers(std::string_view name, const std::vector<int64_t>& values) {
    if (values.empty())
      return;
    json_.key(name);
    for (size_t i = 0; i < values.size(); ++i) {
      *out_ += i == 0 ? '[' : ',';
      apm::append_json_integer(*out_, values[i]);
    }
    *out_ += ']';
  }

  void integer(std::string_view name, int64_t value) {
    json_.integer(name, value);
  }

  void number(std::string_view name, double value) {
    json_.number(name, value);
  }

  void boolean(std::string_view name, bool value) {
    json_.boolean(name, value);
  }

  void end() {
    if (std::exchange(is_open_, false))
      json_.end();
  }

private:
  std::string* out_;
  apm::json_object json_;
  bool is_open_ = true;
};

} // namespace flushtrace
