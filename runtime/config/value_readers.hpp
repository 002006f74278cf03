// How a variable's text becomes a setting, and a setting text again: one pair
// of functions for each kind of value. settings_table.cpp says which variable
// is of which kind.
//
//   {"ELASTIC_APM_LAMBDA_SPILL", flag_value<&settings::spills>, …}
#pragma once

#include "runtime/config/settings.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace apm {

/// How one variable is read and shown.
struct value_access {
  /// Reads one value into the settings. *Errors:* a clause that says what is
  /// wrong with it; the settings are then as they were.
  result<void> (*read)(settings&, std::string_view);
  /// The value in effect. *Shape:* as it could be written in the environment;
  /// in words where a variable is only accepted.
  std::string (*show)(const settings&);
};

/// A setting's longest duration: there must be room for "now + duration", and a
/// day is plenty where an invocation lasts 15 minutes at most.
constexpr std::chrono::milliseconds duration_max = std::chrono::hours{24};

// -- one value ----------------------------------------------------------------

/// *Errors:* `bad_duration`, also for what is out of `least`..`duration_max`.
result<std::chrono::milliseconds>
read_duration(std::string_view text, std::chrono::milliseconds least);

/// *Errors:* `bad_number`, also for what is out of range.
result<uint64_t> read_number(std::string_view text, uint64_t least,
                             uint64_t most);

/// Reads what Go's `strconv.ParseBool` reads, which the settings' users are
/// used to. *Errors:* `bad_value`.
result<bool> read_bool(std::string_view text);

/// Reads an http or https URL; slashes at its end are cut off.
/// *Errors:* `bad_url`.
result<std::string> read_url(std::string_view text);

/// Reads a proxy: a URL, or `host:port`, for which http is meant.
/// *Errors:* `bad_url`. *Source:* golang.org/x/net/http/httpproxy.
result<std::string> read_proxy(std::string_view text);

/// Reads what will stand in a header; blanks and newlines around it, as files
/// and consoles add them, are cut off. *Errors:* `bad_value`.
result<std::string> read_credential(std::string_view text);

/// Reads PEM text; a literal `\n` stands for a newline, since consoles keep a
/// variable on one line. *Errors:* `bad_value` where no certificate begins.
result<std::string> read_pem(std::string_view text);

/// Reads a certificate's ARN. *Errors:* `bad_value`.
result<std::string> read_certificate_arn(std::string_view text);

/// Reads the URL that gives out AWS's keys: https, or http to this machine and
/// what is beside it, since the answer is a secret. It is kept as it is.
/// *Errors:* `bad_url`. *Source:* AWS SDKs and Tools reference guide,
/// "Container credential provider".
result<std::string> read_container_uri(std::string_view text);

// -- one kind of setting ------------------------------------------------------

/// Puts `value` where it belongs, or passes its error on.
template <class Field, class Value>
result<void> store(Field& field, result<Value> value) {
  if (!value)
    return value.error();
  field = static_cast<Field>(std::move(value.value()));
  return boost::outcome_v2::success();
}

template <std::string settings::*Field>
std::string show_text(const settings& from) {
  return from.*Field;
}

template <std::string settings::*Field>
result<void> read_text(settings& to, std::string_view text) {
  to.*Field = std::string{text};
  return boost::outcome_v2::success();
}

template <std::string settings::*Field>
constexpr value_access text_value{read_text<Field>, show_text<Field>};

/// A text that `Read` has to find sound.
template <std::string settings::*Field,
          result<std::string> (*Read)(std::string_view)>
constexpr value_access checked_text_value{
    [](settings& to, std::string_view x) { return store(to.*Field, Read(x)); },
    show_text<Field>};

template <std::string settings::*Field>
constexpr value_access url_value = checked_text_value<Field, read_url>;

template <std::string settings::*Field>
constexpr value_access proxy_value = checked_text_value<Field, read_proxy>;

template <std::string settings::*Field>
constexpr value_access credential_value =
    checked_text_value<Field, read_credential>;

template <bool settings::*Field>
constexpr value_access flag_value{[](settings& to, std::string_view x) {
                                    return store(to.*Field, read_bool(x));
                                  },
                                  [](const settings& from) {
                                    return std::string{from.*Field ? "true"
                                                                   : "false"};
                                  }};

/// *Units:* of a whole number, the field's.
template <auto Field, uint64_t Least, uint64_t Most>
constexpr value_access number_value{
    [](settings& to, std::string_view x) {
      return store(to.*Field, read_number(x, Least, Most));
    },
    [](const settings& from) { return std::to_string(from.*Field); }};

std::string show_duration(std::chrono::milliseconds value);

/// A Go duration of at least `Least_ms`.
template <std::chrono::milliseconds settings::*Field, int Least_ms>
constexpr value_access duration_value{
    [](settings& to, std::string_view x) {
      return store(to.*Field,
                   read_duration(x, std::chrono::milliseconds{Least_ms}));
    },
    [](const settings& from) { return show_duration(from.*Field); }};

/// A duration in whole seconds, without a unit.
template <std::chrono::milliseconds settings::*Field>
constexpr value_access whole_seconds_value{
    [](settings& to, std::string_view x) -> result<void> {
      constexpr uint64_t most =
          std::chrono::duration_cast<std::chrono::seconds>(duration_max)
              .count();
      const auto seconds = read_number(x, 1, most);
      if (!seconds)
        return seconds.error();
      to.*Field = std::chrono::seconds{seconds.value()};
      return boost::outcome_v2::success();
    },
    [](const settings& from) { return show_duration(from.*Field); }};

// -- settings of a kind of their own ------------------------------------------

result<void> read_strategy(settings& to, std::string_view text);
std::string show_strategy(const settings& from);
inline constexpr value_access strategy_value{read_strategy, show_strategy};

result<void> read_delivery(settings& to, std::string_view text);
std::string show_delivery(const settings& from);
inline constexpr value_access delivery_value{read_delivery, show_delivery};

result<void> read_level(settings& to, std::string_view text);
std::string show_level(const settings& from);
inline constexpr value_access level_value{read_level, show_level};

result<void> read_trace(settings& to, std::string_view text);
std::string show_trace(const settings& from);
inline constexpr value_access trace_value{read_trace, show_trace};

result<void> read_trace_payload(settings& to, std::string_view text);
std::string show_trace_payload(const settings& from);
inline constexpr value_access trace_payload_value{read_trace_payload,
                                                  show_trace_payload};

/// `memory_mb`; 0 is shown as nothing.
result<void> read_memory(settings& to, std::string_view text);
std::string show_memory(const settings& from);
inline constexpr value_access memory_value{read_memory, show_memory};

/// Checked, and not used: what is held is bounded in bytes.
result<void> read_payload_count(settings& to, std::string_view text);
std::string show_payload_count(const settings& from);
inline constexpr value_access payload_count_value{read_payload_count,
                                                  show_payload_count};

} // namespace apm
