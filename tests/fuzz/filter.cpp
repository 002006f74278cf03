// Fuzzes filters: the input is one. Properties: what is refused says why, and
// where, in lines that a terminal can show; what is taken holds for the same
// records in brackets, and for the others when it is inverted; a pattern
// without signs is found where a plain search finds it.
#include "tools/flushtrace/filter/filter.hpp"

#include "messages/type_ids.hpp"
#include "runtime/recording/message_inspector.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/unit/runtime/trace/support.hpp"
#include "tools/flushtrace/columns.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace flushtrace {
namespace {

using apm::test::require;
using apm::trace::note;
using apm::trace::record_kind;

/// Records of most kinds, and a message with lists and bodies.
process_trace make_trace() {
  apm::trace::test::ring_memory memory{256};
  apm::trace::test::scripted_clock time;
  apm::trace::recorder to{apm::trace::recorder_setup{
      memory.data(), memory.size(), 7, apm::trace::test::some_clocks, &time, 99,
      apm::trace::payload_mode::shape}};
  const auto actor = to.next_of(to.role("coordinator", 0));
  const auto child = to.next_of(to.role("apm_forwarder", 1));
  to.record(record_kind::born, child, 0, {});
  char signature[128];
  apm::trace::byte_writer text{signature, sizeof signature};
  text.text("telemetry_batch ");
  apm::telemetry_batch batch;
  batch.records = {{"2026-11-22T12:00:00Z", "platform.start", apm::bytes{"{}"}},
                   {"t", "function", apm::bytes{"\"text\""}}};
  apm::signature_inspector{text}.put(batch);
  to.define(apm::trace::entry_kind::message_type, 3, 0, text.written());
  auto payload = to.payload();
  payload.u(3);
  payload.byte(2);
  apm::message_inspector f{to, payload, true};
  f.put(batch);
  const auto sent =
      to.record(record_kind::enqueued, actor, 0, payload.written());
  const apm::trace::turn_scope turn{
      &to, actor, to.record(record_kind::handled, actor, sent, {}), false};
  note(&to, record_kind::event_begin, uint64_t{1}, uint64_t{0}, "request",
       int64_t{9'000'000'000});
  time.now_ns += 60'000'000;
  note(&to, record_kind::winner, uint64_t{1}, uint64_t{2}, int64_t{-5});
  note(&to, record_kind::dropped, uint64_t{1}, uint64_t{1}, uint64_t{4});
  note(&to, record_kind::post, uint64_t{503}, uint64_t{4}, int64_t{0},
       int64_t{0}, int64_t{0}, int64_t{0}, int64_t{0}, int64_t{7000}, true,
       UINT64_MAX, uint64_t{0});
  note(&to, record_kind::verdict, uint64_t{1}, uint64_t{3}, uint64_t{0},
       uint64_t{1}, uint64_t{0});
  process_trace made;
  made.content = apm::trace::read_ring(memory.image()).value();
  made.anchors = find_anchors(made.content);
  return made;
}

std::vector<bool> chosen(const filter& wanted, const process_trace& from) {
  std::vector<bool> found;
  record_facts facts{
      from, [](uint64_t) {
        return event_words{"transport.post_timeout", "lost", true};
      }};
  for (const auto& x : from.content.records) {
    facts.go_to(x);
    found.push_back(wanted.holds(facts));
  }
  return found;
}

void check_problem(const std::string& problem, size_t size) {
  require(!problem.empty(), "a refusal says why");
  require(size > filter_bytes_max || problem.find('^') != std::string::npos,
          "a refusal shows where");
  require(std::count(problem.begin(), problem.end(), '\n')
              == (size > filter_bytes_max ? 0 : 2),
          "a refusal is what, the filter, and a caret");
  require(std::none_of(problem.begin(), problem.end(),
                       [](char c) { return c == '\033' || c == '\r'; }),
          "a terminal can show it");
}

/// Brackets around it may be one too many.
void check_inverted(const std::string& text, const std::vector<bool>& found,
                    const process_trace& from) {
  const auto inverted = filter::parse("!(" + text + ")");
  const auto bracketed = filter::parse("(" + text + ")");
  require(inverted.has_value() == bracketed.has_value(),
          "what can be bracketed can be inverted");
  if (!inverted)
    return;
  require(chosen(bracketed.value(), from) == found, "brackets change nothing");
  auto others = chosen(inverted.value(), from);
  others.flip();
  require(others == found, "the others are chosen by the opposite");
}

void check_filter(const std::string& text) {
  static const process_trace from = make_trace();
  const auto wanted = filter::parse(text);
  if (!wanted)
    return check_problem(wanted.error().detail, text.size());
  const auto found = chosen(wanted.value(), from);
  if (!wanted.value().is_empty())
    check_inverted(text, found, from);
  else
    require(std::count(found.begin(), found.end(), false) == 0,
            "an empty filter chooses everything");
}

void check_pattern(const std::string& text) {
  const auto pattern = text_pattern::compile(text);
  if (!pattern)
    return require(!pattern.error().detail.empty(), "a refusal says why");
  const bool is_plain =
      text.find_first_of(".[]\\()*+?|^$") == std::string::npos;
  for (const std::string in : {"platform.start", "", "aaaaaaaaaaaaaaab"})
    require(!is_plain
                || pattern.value().is_in(in)
                       == (in.find(text) != std::string::npos),
            "a plain pattern is searched for");
  require(!is_plain || pattern.value().is_in("x" + text + "y"),
          "a plain pattern is in itself");
}

void check_columns(const std::string& text) {
  const auto columns = parse_columns(text);
  require(columns.has_value()
              || (!columns.error().detail.empty()
                  && columns.error().detail.find_first_of("\n\r\033")
                         == std::string::npos),
          "a refusal says why, in one line");
}

} // namespace
} // namespace flushtrace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  flushtrace::check_filter(text);
  flushtrace::check_pattern(text);
  flushtrace::check_columns(text);
  return 0;
}
