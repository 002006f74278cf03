// Every message of the type-id block goes through CAF's serializers and comes
// out the same. Three ways to forget one are caught:
//
// - in messages/type_ids.hpp: the interfaces name a type that has no id;
// - in message_samples.hpp: `make` has no overload for a type of the block,
// which is an error of
//   the compiler;
// - in an `inspect`: it visits fewer members than the struct has.
#include "messages/interfaces.hpp"
#include "tests/support/message_samples.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/binary_deserializer.hpp"
#include "caf/binary_serializer.hpp"
#include "caf/deep_to_string.hpp"
#include "caf/make_message.hpp"
#include "caf/meta/annotation.hpp"

namespace apm {
namespace {

using test::make;
using test::tag;

// -- how many members --------------------------------------------------------

struct anything {
  template <class T>
  operator T() const;
};

template <class T, size_t... Is>
auto can_be_made_of(std::index_sequence<Is...>)
    -> decltype(T{(static_cast<void>(Is), anything{})...}, std::true_type{});

template <class T>
std::false_type can_be_made_of(...);

/// How many members an aggregate of up to `most` has.
template <class T, size_t most = 16>
constexpr size_t members_of() {
  using answer = decltype(can_be_made_of<T>(std::make_index_sequence<most>{}));
  if constexpr (answer::value || most == 0)
    return most;
  else
    return members_of<T, most - 1>();
}

/// Counts what an `inspect` visits, its annotations aside.
struct counting_inspector {
  using result_type = size_t;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  template <class... Ts>
  size_t operator()(const Ts&...) {
    return (size_t{!caf::meta::is_annotation<Ts>::value} + ... + 0);
  }
};

struct with_forgotten_member {
  int seen = 0;
  std::string forgotten;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f,
                                        with_forgotten_member& x) {
  return f(caf::meta::type_name("with_forgotten_member"), x.seen);
}

template <class T>
size_t visited_members() {
  T x;
  counting_inspector count;
  return inspect(count, x);
}

// -- the round trip ----------------------------------------------------------

struct system_config : caf::actor_system_config {
  system_config() {
    add_message_types<caf::id_block::apm_messages>();
    set("logger.console", caf::atom("none"));
    set("logger.file-verbosity", caf::atom("quiet"));
    set("scheduler.max-threads", 1);
  }
};

template <class T>
std::vector<char> serialized(caf::actor_system& system, const T& x) {
  std::vector<char> buffer;
  caf::binary_serializer sink{system, buffer};
  EXPECT_FALSE(sink(x));
  return buffer;
}

/// Travels by itself, and as the message that is recorded, which finds its type
/// by its id.
template <class T>
void expect_same_after_travel(caf::actor_system& system) {
  const std::string name = caf::type_name<T>::value;
  SCOPED_TRACE(name);
  EXPECT_EQ(visited_members<T>(), members_of<T>())
      << "its inspect forgets a member";
  const T sent = make(tag<T>{});
  const auto wire = serialized(system, sent);
  T got;
  caf::binary_deserializer source{system, wire};
  EXPECT_FALSE(source(got));
  EXPECT_EQ(source.remaining(), 0U);
  EXPECT_EQ(serialized(system, got), wire);
  EXPECT_EQ(caf::deep_to_string(got), caf::deep_to_string(sent));
  EXPECT_NE(serialized(system, T{}), wire) << "the sample says nothing";

  const auto message = caf::make_message(sent);
  const auto message_wire = serialized(system, message);
  caf::message message_got;
  caf::binary_deserializer message_source{system, message_wire};
  EXPECT_FALSE(message_source(message_got));
  ASSERT_TRUE(message_got.match_elements<T>());
  EXPECT_EQ(serialized(system, message_got.get_as<T>(0)), wire);
  EXPECT_EQ(caf::to_string(message_got), caf::to_string(message));
  // "(apm::batch(…))" without the namespace: what traces and logs show.
  EXPECT_NE(caf::to_string(message).find(name.substr(5) + "("),
            std::string::npos)
      << caf::to_string(message);
}

using block = caf::id_block::apm_messages;

template <size_t... Is>
void for_each_type(caf::actor_system& system, std::index_sequence<Is...>) {
  (expect_same_after_travel<typename caf::type_by_id<
       static_cast<caf::type_id_t>(block::begin + Is)>::type>(system),
   ...);
}

TEST(messages, survive_a_round_trip) {
  system_config config;
  caf::actor_system system{config};
  for_each_type(system, std::make_index_sequence<block::end - block::begin>{});
}

TEST(messages, member_counts_tell_a_forgotten_one) {
  EXPECT_EQ(members_of<with_forgotten_member>(), 2U);
  EXPECT_EQ(visited_members<with_forgotten_member>(), 1U);
}

/// Those that travel inside others and have no id of their own.
TEST(messages, parts_of_messages_show_all_their_members) {
  EXPECT_EQ(visited_members<http_header>(), members_of<http_header>());
  EXPECT_EQ(visited_members<invocation_facts>(),
            members_of<invocation_facts>());
  EXPECT_EQ(visited_members<telemetry_record>(),
            members_of<telemetry_record>());
  EXPECT_EQ(visited_members<transaction_seen>(),
            members_of<transaction_seen>());
}

// -- who is in the block -----------------------------------------------------

/// What the first group of `pattern` matches, wherever it does in a header.
std::set<std::string> names_in(const std::string& header,
                               const std::string& pattern) {
  std::ifstream file{std::string{APM_MESSAGES_DIR} + '/' + header};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::regex wanted{pattern};
  std::set<std::string> names;
  for (std::sregex_iterator i{text.begin(), text.end(), wanted}, end; i != end;
       ++i)
    names.insert((*i)[1]);
  return names;
}

TEST(messages, all_of_the_interfaces_have_an_id) {
  const auto with_id =
      names_in("type_ids.hpp", R"(\(apm_messages,\s*\(apm::(\w+)\)\))");
  const auto spoken = names_in("interfaces.hpp", R"(reacts_to<(\w+)>)");
  EXPECT_EQ(with_id.size(), size_t{block::end - block::begin});
  EXPECT_EQ(spoken, with_id);
}

} // namespace
} // namespace apm
