// Makes messages of records again: as they were where bodies are kept, else
// with twins of their texts and bodies. What was sent to an actor can so be
// sent once more.
//
//   auto again = make_message(book.read(record));
//   if (again)
//     actor->enqueue(nullptr, caf::make_message_id(), again.value(), nullptr);
#pragma once

#include "messages/type_ids.hpp"
#include "runtime/recording/twin.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <string>
#include <type_traits>
#include <vector>

#include "caf/message.hpp"
#include "caf/meta/annotation.hpp"

namespace apm {

/// An inspector that sets what it visits from values, in their order. A value
/// of another kind than is needed, or none, leaves a member as it is.
class message_reader {
public:
  using result_type = void;
  static constexpr bool reads_state = false;
  static constexpr bool writes_state = true;

  explicit message_reader(const std::vector<trace::value>& from) noexcept
      : from_(from) {}

  template <class... Ts>
  void operator()(Ts&&... xs) {
    (take(xs), ...);
  }

  /// Whether every member had its value, and every value its member.
  bool is_whole() const noexcept { return is_whole_ && next_ == from_.size(); }

private:
  template <class T>
  void take(T& x) {
    if constexpr (!caf::meta::is_annotation<std::remove_const_t<T>>::value) {
      if (next_ == from_.size()) {
        is_whole_ = false;
        return;
      }
      set(x, from_[next_++]);
    }
  }

  template <class T>
  void set(T& x, const trace::value& from) {
    using trace::value_kind;
    if constexpr (std::is_same_v<T, bool>) {
      if (needs(from, value_kind::boolean))
        x = from.number != 0;
    } else if constexpr (std::is_enum_v<T> || std::is_unsigned_v<T>) {
      if (needs(from, value_kind::unsigned_number))
        x = static_cast<T>(from.number);
    } else if constexpr (std::is_integral_v<T>) {
      if (needs(from, value_kind::signed_number))
        x = static_cast<T>(from.signed_number);
    } else {
      set_object(x, from);
    }
  }

  void set_object(std::string& x, const trace::value& from);
  void set_object(bytes& x, const trace::value& from);
  void set_object(steady_time& x, const trace::value& from);

  template <class T>
  void set_object(std::vector<T>& xs, const trace::value& from) {
    if (!needs(from, trace::value_kind::list))
      return;
    for (const auto& element : from.elements) {
      xs.emplace_back();
      set(xs.back(), element);
    }
  }

  /// A struct with an `inspect` of its own.
  template <class T>
  void set_object(T& x, const trace::value& from) {
    if (!needs(from, trace::value_kind::structure))
      return;
    message_reader inner{from.elements};
    inspect(inner, x);
    is_whole_ = is_whole_ && inner.is_whole();
  }

  bool needs(const trace::value& from, trace::value_kind kind) noexcept {
    is_whole_ = is_whole_ && from.kind == kind;
    return from.kind == kind;
  }

  const std::vector<trace::value>& from_;
  size_t next_ = 0;
  bool is_whole_ = true;
};

/// The message of a record `enqueued`. *Errors:* `bad_shape` where it is none
/// of ours, or one of another form than this program's.
[[nodiscard]] result<caf::message>
make_message(const trace::record_content& from);

} // namespace apm
