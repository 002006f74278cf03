// Fuzzes what comes in over both listeners, through the real server, sockets
// and loop. The first byte says where the rest is cut. Property: the
// COORDINATOR is told the same, and the peer answered the same, whether the
// bytes come at once or in pieces, and no body stays open when the peer has
// gone.
//
// One thing is left to the parser: when it refuses a bad header that never
// ends. Beast looks at what it is given first line by line, and so refuses it
// at once if the bad line is in it. Once a line was incomplete it waits for the
// header's end (`basic_parser::maybe_need_more`), so that a header which comes
// byte by byte is not looked through anew with each byte; the server's time and
// header limits end such a one. Corpus: `unended_header`.
#include "runtime/ports/agent_listener.hpp"
#include "runtime/ports/telemetry_listener.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/unit/runtime/ports/support.hpp"

#include <algorithm>
#include <string>

namespace apm {
namespace {

using test::coordinator_sink;
using test::loop_world;
using test::raw_peer;
using test::require;

/// Ids of bodies that were cut off, for which no peer waits, begin here.
constexpr uint64_t first_cut_id = uint64_t{1} << 63;

/// Answers as the COORDINATOR would, until no request comes any more.
template <class Listener>
void settle(loop_world& world, const coordinator_sink& sink, Listener& listener,
            uint64_t& answered) {
  for (;;) {
    world.settle();
    uint64_t newest = answered;
    const auto note = [&](uint64_t id) {
      if (id >= first_cut_id)
        listener.server().answer(id, 202, {}, bytes{}); // again does nothing
      else
        newest = std::max(newest, id);
    };
    for (const auto& x : sink.intakes)
      note(x.id);
    for (const auto& x : sink.registrations)
      note(x.id);
    for (const auto& x : sink.relays)
      note(x.id);
    for (const auto& x : sink.batches)
      note(x.id);
    if (newest == answered)
      return;
    while (answered < newest)
      listener.server().answer(++answered, 202, {}, bytes{});
  }
}

/// What one run of the bytes came to, as text.
struct outcome {
  std::string messages; ///< to the COORDINATOR, refusals aside
  std::string answers;  ///< on the wire
  size_t refusals = 0;
};

template <class Listener>
outcome outcome_of(loop_world& world, coordinator_sink& sink,
                   Listener& listener, uint16_t port, std::string_view input,
                   size_t piece) {
  static uint64_t answered = 0; // of this listener's requests
  outcome result;
  auto& told = result.messages;
  {
    raw_peer peer{world, port};
    for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
      peer.send(input.substr(0, piece));
      settle(world, sink, listener, answered);
    }
    peer.finish_sending();
    settle(world, sink, listener, answered);
    result.answers = peer.received();
  }
  settle(world, sink, listener, answered);
  require(listener.server().connections() == 0, "a peer that goes is gone");
  for (const auto& x : sink.intakes) {
    told += "\nintake ";
    told += x.is_flushed ? "flushed " : "";
    told.append(x.metadata.view()).append("|").append(x.events.view());
  }
  for (const auto& x : sink.registrations)
    told.append("\nregistered ").append(x.request_id).append(x.line.view());
  for (const auto& x : sink.relays)
    told.append("\nrelay ")
        .append(x.method)
        .append(x.target)
        .append(x.body.view());
  result.refusals = sink.refusals.size();
  for (const auto& x : sink.batches)
    told.append("\nbatch ").append(std::to_string(x.records.size()));
  require(sink.open_bodies.empty() || sink.open_bodies.back() == 0,
          "no body stays open");
  sink.intakes.clear();
  sink.registrations.clear();
  sink.open_bodies.clear();
  sink.relays.clear();
  sink.refusals.clear();
  sink.batches.clear();
  return result;
}

/// Whether something follows the end of the last header.
bool has_unended_header(std::string_view input) {
  constexpr std::string_view end = "\r\n\r\n";
  const auto last = input.rfind(end);
  return last == std::string_view::npos || last + end.size() < input.size();
}

template <class Listener>
void check_listener(std::string_view input, size_t piece) {
  static loop_world& world = *new loop_world;
  static auto& sink = *new coordinator_sink{world};
  static auto& listener = *new Listener{world.loop(), {}};
  static const uint16_t port = [] {
    listener.connect(sink.handle);
    return listener.server().listen().value();
  }();
  const auto at_once =
      outcome_of(world, sink, listener, port, input, input.size());
  const auto in_pieces = outcome_of(world, sink, listener, port, input, piece);
  require(at_once.messages == in_pieces.messages, "pieces change no message");
  if (at_once.refusals == in_pieces.refusals + 1)
    require(has_unended_header(input), "only what never ends is not refused");
  else
    require(at_once.answers == in_pieces.answers, "pieces change no answer");
}

} // namespace
} // namespace apm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A recording is a few KB, and each piece takes a turn of the loop.
  if (size < 2 || size > 8192)
    return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1,
                               size - 1};
  const size_t piece = 1 + input.size() * (data[0] & 127U) / 128;
  if (input.size() / piece > 200)
    return 0;
  if (data[0] & 128U)
    apm::check_listener<apm::telemetry_listener>(input, piece);
  else
    apm::check_listener<apm::agent_listener>(input, piece);
  return 0;
}
