// CAF inspectors that write a message into a record's payload, and its
// signature into the dictionary; see runtime/trace/FORMAT.md, "Values in a
// payload". They use the messages' own `inspect`, so that a new message is
// recorded without new code.
//
//   message_inspector f{trace, payload, true};
//   f.put(message);
#pragma once

#include "runtime/recording/message_policy.hpp"
#include "runtime/trace/recorder.hpp"
#include "runtime/trace/values.hpp"

#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "caf/meta/annotation.hpp"

namespace apm {

/// What is kept of a function's log record: enough to tell JSON from text, and
/// the request id that runtimes write in front.
constexpr size_t record_bytes_max = 96;

class message_inspector {
public:
  using result_type = void;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  /// @param is_from_outside whether bodies and texts are wanted, beyond their
  /// sizes
  message_inspector(const trace::recorder& of, trace::byte_writer& to,
                    bool is_from_outside) noexcept
      : of_(of), to_(to), is_from_outside_(is_from_outside) {}

  template <class... Ts>
  void operator()(Ts&&... xs) {
    (put(xs), ...);
  }

  template <class T>
  void put(const T& x) {
    if constexpr (caf::meta::is_annotation<T>::value)
      return;
    else if constexpr (std::is_same_v<T, bool>)
      to_.byte(x ? 1 : 0);
    else if constexpr (std::is_enum_v<T>)
      to_.u(static_cast<uint64_t>(x));
    else if constexpr (std::is_unsigned_v<T>)
      to_.u(x);
    else if constexpr (std::is_integral_v<T>)
      to_.i(x);
    else if constexpr (std::is_floating_point_v<T>)
      to_.number(static_cast<double>(x));
    else
      put_object(x);
  }

private:
  void put_object(const std::string& x);
  void put_object(const bytes& x);
  void put_object(const http_header& x);
  void put_object(const steady_time& x);
  void put_object(const std::chrono::milliseconds& x) { to_.i(x.count()); }

  template <class T>
  void put_object(const std::vector<T>& xs) {
    to_.u(xs.size());
    if (policy_->is_counted(list_++))
      return;
    const auto text = text_;
    const auto body = body_;
    for (const auto& x : xs) {
      text_ = text; // the elements are alike
      body_ = body;
      put(x);
    }
    if constexpr (std::is_same_v<T, std::string>)
      text_ = text + 1;
    else if constexpr (std::is_same_v<T, bytes>)
      body_ = body + 1;
  }

  template <class K, class V>
  void put_object(const std::map<K, V>& xs) {
    to_.u(xs.size());
    for (const auto& [key, value] : xs) {
      put(key);
      put(value);
    }
  }

  /// A struct with an `inspect` of its own.
  template <class T>
  void put_object(const T& x) {
    const auto outer = policy_;
    const auto text = text_;
    const auto body = body_;
    const auto list = list_;
    policy_ = &policy_of<T>;
    text_ = body_ = list_ = 0;
    if constexpr (std::is_same_v<T, telemetry_record>)
      record_form_ = form_of(x.type);
    inspect(*this, const_cast<T&>(x)); // it reads alone: see writes_state
    policy_ = outer;
    text_ = text;
    body_ = body;
    list_ = list;
  }

  void put_form(trace::body_form x) { to_.byte(static_cast<uint8_t>(x)); }
  void put_kept(std::string_view x);
  /// How the body of a telemetry record of a type is to stand in the trace.
  static char form_of(std::string_view type) noexcept;

  /// Of a delivery with hundreds of a function's records not all can stand in
  /// the trace with their beginnings: what the platform says is worth more.
  bool is_short_of_room() const noexcept;

  void put_address(std::string_view x);
  void put_hashed(std::string_view x);
  void put_lines(std::string_view x);
  void put_masked(std::string_view x, bool is_protocol, size_t bytes_max);

  const trace::recorder& of_;
  trace::byte_writer& to_;
  bool is_from_outside_;
  const message_policy* policy_ = &policy_of<void>;
  size_t text_ = 0; ///< which text of the struct comes next
  size_t body_ = 0;
  size_t list_ = 0;
  char record_form_ = 'd'; ///< of the telemetry record under way
};

/// Writes what a message is made of, in FORMAT.md's letters.
class signature_inspector {
public:
  explicit signature_inspector(trace::byte_writer& to) noexcept : to_(to) {}

  using result_type = void;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  template <class... Ts>
  void operator()(Ts&&... xs) {
    (put(xs), ...);
  }

  template <class T>
  void put(const T& x) {
    if constexpr (caf::meta::is_annotation<T>::value)
      return;
    else if constexpr (std::is_same_v<T, bool>)
      to_.text("b");
    else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>)
      to_.text("u");
    else if constexpr (std::is_integral_v<T>)
      to_.text("i");
    else if constexpr (std::is_floating_point_v<T>)
      to_.text("d");
    else
      put_object(x);
  }

private:
  void put_object(const std::string&) { to_.text("s"); }
  void put_object(const bytes&) { to_.text("y"); }
  void put_object(const http_header&) { to_.text("{ss}"); }
  void put_object(const steady_time&) { to_.text("t"); }
  void put_object(const std::chrono::milliseconds&) { to_.text("i"); }

  template <class T>
  void put_object(const std::vector<T>&) {
    if (policy_->is_counted(list_++))
      return put(size_t{});
    to_.text("[");
    put(T{});
    to_.text("]");
  }

  template <class K, class V>
  void put_object(const std::map<K, V>&) {
    to_.text("[{");
    put(K{});
    put(V{});
    to_.text("}]");
  }

  template <class T>
  void put_object(const T& x) {
    const auto* outer = policy_;
    const auto list = list_;
    policy_ = &policy_of<T>;
    list_ = 0;
    to_.text("{");
    inspect(*this, const_cast<T&>(x)); // it reads alone: see writes_state
    to_.text("}");
    policy_ = outer;
    list_ = list;
  }

  trace::byte_writer& to_;
  const message_policy* policy_ = &policy_of<void>;
  size_t list_ = 0; ///< which list of the struct comes next
};

} // namespace apm
