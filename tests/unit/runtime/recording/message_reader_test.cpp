// Messages that were recorded and made again; twins where the trace has no
// text.
#include "runtime/formats/intake_scan.hpp"
#include "runtime/recording/message_inspector.hpp"
#include "runtime/recording/message_reader.hpp"
#include "tests/support/message_samples.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <set>

#include "caf/deep_to_string.hpp"

namespace apm {
namespace {

/// Writes a message as the recorder does, and makes it again.
class record_and_make {
public:
  explicit record_and_make(trace::payload_mode mode)
      : recorder_{trace::recorder_setup{memory_.data(), memory_.size(), 1,
                                        trace::test::some_clocks, &time_, 99,
                                        mode}} {}

  template <class T>
  result<caf::message> operator()(const T& x) {
    char name[256];
    trace::byte_writer signature{name, sizeof name};
    signature.text("message ");
    signature_inspector sign{signature};
    sign.put(T{});
    char buffer[4096];
    trace::byte_writer payload{buffer, sizeof buffer};
    payload.u(1);
    payload.byte(trace::is_from_outside);
    message_inspector f{recorder_, payload, true};
    f.put(x);
    of_.dictionary = {{trace::entry_kind::message_type, 1, 0,
                       std::string{signature.written()}}};
    of_.storage = std::make_shared<const std::string>(payload.written());
    trace::record r;
    r.sequence = 1;
    r.kind = static_cast<uint8_t>(trace::record_kind::enqueued);
    r.payload = *of_.storage;
    auto content = trace::schema_book{of_}.read(r);
    EXPECT_TRUE(content.is_whole);
    content.type = type_;
    return make_message(content);
  }

  /// The name under which the message is known.
  record_and_make& as(std::string_view type) {
    type_ = type;
    return *this;
  }

private:
  trace::test::ring_memory memory_{1024};
  trace::test::scripted_clock time_;
  trace::recorder recorder_;
  trace::trace of_;
  std::string_view type_;
};

template <class T>
std::string_view name_of() {
  std::string_view name = caf::type_name<T>::value;
  name.remove_prefix(name.rfind(':') + 1);
  return name;
}

/// Of headers and of the account there is nothing, whatever the mode.
const std::set<std::string_view> with_secrets = {
    "agent_relay", "http_request", "http_response", "listener_answer",
    "registered"};

/// Of their lists there is a number alone: they can be had of other messages.
const std::set<std::string_view> counted = {"telemetry_result",
                                            "telemetry_work"};

template <class T>
void expect_again(size_t& same) {
  const T sent = test::make(test::tag<T>{});
  record_and_make again{trace::payload_mode::full};
  const auto made = again.as(name_of<T>())(sent);
  if (counted.count(name_of<T>()) > 0) {
    EXPECT_FALSE(made) << name_of<T>();
    return;
  }
  ASSERT_TRUE(made) << name_of<T>() << ' ' << made.error().detail;
  ASSERT_TRUE(made.value().template match_elements<T>()) << name_of<T>();
  if (with_secrets.count(name_of<T>()) > 0)
    return;
  EXPECT_EQ(caf::deep_to_string(made.value().template get_as<T>(0)),
            caf::deep_to_string(sent));
  ++same;
}

template <uint16_t... Is>
size_t expect_all_again(std::integer_sequence<uint16_t, Is...>) {
  size_t same = 0;
  (expect_again<
       typename caf::type_by_id<caf::id_block::apm_messages::begin + Is>::type>(
       same),
   ...);
  return same;
}

TEST(make_message, makes_every_message_again) {
  constexpr uint16_t count =
      caf::id_block::apm_messages::end - caf::id_block::apm_messages::begin;
  EXPECT_EQ(expect_all_again(std::make_integer_sequence<uint16_t, count>{}),
            count - with_secrets.size() - counted.size());
}

TEST(make_message, refuses_what_is_none) {
  record_and_make again{trace::payload_mode::full};
  EXPECT_FALSE(again.as("no_message")(done{}));
  EXPECT_FALSE(again.as("timer_set")(done{})) << "of another form";
  EXPECT_FALSE(again.as("agent_intake")(done{}));
}

TEST(make_message, gives_intake_a_twin) {
  agent_intake x;
  x.metadata = bytes{R"({"metadata":{"service":{"name":"CANARY"}}})"};
  x.events = bytes{
      std::string{R"({"span":{"name":"CANARY","some":"longer text"}})"} + '\n'
      + R"({"transaction":{"id":"0123456789abcdef","name":"CANARY"}})" + '\n'
      + R"({"log":{"message":"CANARY CANARY CANARY"}})" + '\n'};
  x.lines = 3;
  x.transactions = {{"0123456789abcdef", ""}};
  record_and_make again{trace::payload_mode::shape};
  const auto made = again.as("agent_intake")(x);
  ASSERT_TRUE(made);
  const auto& twin = made.value().get_as<agent_intake>(0);
  EXPECT_EQ(twin.events.view().find("CANARY"), std::string_view::npos);
  EXPECT_EQ(twin.metadata.view().find("CANARY"), std::string_view::npos);
  EXPECT_EQ(twin.events.size(), x.events.size());
  const auto lines = split_lines(twin.events.view());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(kind_of(lines[0]), line_kind::span);
  EXPECT_EQ(kind_of(lines[1]), line_kind::transaction);
  EXPECT_EQ(kind_of(lines[2]), line_kind::log);
  // A transaction whose substitute was sent is found by its id, as before.
  EXPECT_EQ(
      split_lines(
          without_transaction(twin.events, twin.transactions[0].id).view())
          .size(),
      2U);
  // The twin's body is one that the listener takes.
  const auto scanned =
      scan_intake(bytes{std::string{twin.metadata.view()} + '\n'
                        + std::string{twin.events.view()}});
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned.value().lines, 3U);
  ASSERT_EQ(scanned.value().transactions.size(), 1U);
  EXPECT_EQ(scanned.value().transactions[0].id, twin.transactions[0].id);
}

TEST(make_message, gives_equal_metadata_equal_twins) {
  agent_intake x;
  x.metadata = bytes{R"({"metadata":{"service":{"name":"one"}}})"};
  record_and_make again{trace::payload_mode::shape};
  const auto first = again.as("agent_intake")(x);
  const auto same = again(x);
  x.metadata = bytes{R"({"metadata":{"service":{"name":"two"}}})"};
  const auto other = again(x);
  const auto metadata = [](const result<caf::message>& of) {
    return std::string{of.value().get_as<agent_intake>(0).metadata.view()};
  };
  EXPECT_EQ(metadata(first), metadata(same));
  EXPECT_NE(metadata(first), metadata(other));
}

} // namespace
} // namespace apm
