// Fuzzes the readers of traces, flushtrace among them. Properties: records are
// in order, causes come before effects, and what was read is the same when it
// is written and read once more, redacted or not. Checksums are beyond
// guessing, so the input also serves as the body of sound slots and segments.
#include "runtime/formats/json_value.hpp"
#include "runtime/trace/ring_layout.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/values.hpp"
#include "runtime/trace/words.hpp"
#include "tests/fuzz/property.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/filter/filter.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/redaction/trace_redactor.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace apm::trace {
namespace {

using apm::test::require;

void check_same(const record& x, const record& y) {
  require(x.sequence == y.sequence && x.time_ns == y.time_ns
              && x.cause == y.cause && x.actor.value == y.actor.value
              && x.kind == y.kind && x.payload == y.payload,
          "a record comes out as it went in");
}

void check_print(const trace& x) {
  const flushtrace::process_trace process{x, {}, flushtrace::find_anchors(x)};
  const flushtrace::record_printer printer{process};
  for (const auto& r : x.records) {
    require(printer.text(r).find('\n') == std::string::npos,
            "a record is one line");
    require(!check_json(printer.json(r)), "a record is sound JSON");
  }
  for (const auto& row : flushtrace::events_of(x))
    require(!flushtrace::verdict_of(row).empty(), "every event has a verdict");
}

/// Filters over fields of all kinds.
const std::vector<flushtrace::filter>& some_filters() {
  static const std::vector<flushtrace::filter> filters = [] {
    std::vector<flushtrace::filter> made;
    for (const char* text :
         {"actor~a && dt>1ms", "type~e || role==timer", "inv==missed",
          "verdict!=lost", "status>=500", "reason==buffer_full", "slack<0",
          "records.type~plat", "deadline>1s", "events>10kB", "headers.name~x",
          "time>2026-11-22T12:00:00Z", "outside || urgent", "dropped==1",
          "field.kind==invoke", "lost.lines>0", "total_us<5ms"})
      made.push_back(flushtrace::filter::parse(text).value());
    return made;
  }();
  return filters;
}

void check_filters(const trace& x) {
  const flushtrace::process_trace process{x, {}, flushtrace::find_anchors(x)};
  flushtrace::record_facts facts{process};
  for (const auto& r : x.records) {
    facts.go_to(r);
    for (const auto& each : some_filters()) {
      const bool holds = each.holds(facts);
      require(holds == each.holds(facts), "a filter decides once");
    }
    require(facts.event() != nullptr || facts.verdict().empty(),
            "no event, no verdict");
  }
}

bool has_body(const value& x) {
  if (x.kind == value_kind::body && x.form == body_form::whole)
    return true;
  return std::any_of(x.elements.begin(), x.elements.end(), has_body);
}

void check_redacted(const trace& x) {
  const auto made =
      flushtrace::redact_trace(x, flushtrace::text_redactor{1, {}});
  require(made.records.size() == x.records.size(), "no record is lost");
  const auto written = write_segment(made);
  require(written.has_value(), "what is redacted can be written");
  const auto again = read_segment(written.value());
  require(again.has_value(), "what is redacted can be read");
  const auto& content = again.value().content;
  const schema_book book{content};
  for (size_t i = 0; i < x.records.size(); ++i) {
    require(content.records[i].sequence == x.records[i].sequence,
            "a redacted record keeps its number");
    for (const auto& each : book.read(content.records[i]).fields)
      require(!has_body(each.content), "a redacted record has no whole body");
  }
}

void check_trace(const trace& x) {
  check_print(x);
  check_filters(x);
  check_redacted(x);
  uint64_t before = 0;
  const schema_book book{x};
  for (const auto& r : x.records) {
    const auto content = book.read(r);
    require(content.is_whole || !r.payload.empty() || !content.fields.empty()
                || r.kind == static_cast<uint8_t>(record_kind::enqueued),
            "what has no fields is whole");
    require(r.sequence > before, "records are in order");
    require(r.cause < r.sequence, "causes come before effects");
    require(!x.name_of(r.actor).empty(), "every actor has a name");
    before = r.sequence;
  }
  const auto written = write_segment(x);
  require(written.has_value(), "what was read can be written");
  const auto again = read_segment(written.value());
  require(again.has_value(), "what was written can be read");
  const auto& records = again.value().content.records;
  require(records.size() == x.records.size(), "nothing is lost");
  for (size_t i = 0; i < records.size(); ++i)
    check_same(records[i], x.records[i]);
}

void check_file(std::string_view content) {
  const auto found = read_traces(content);
  if (!found)
    return;
  require(!found.value().traces.empty(), "what is no error is a trace");
  require(found.value().ignored_bytes <= content.size(),
          "no more is ignored than is there");
  for (const auto& each : found.value().traces)
    check_trace(each);
}

/// The input as slots whose checksums hold, in a ring whose header does.
void check_ring(std::string_view content) {
  const auto slots = std::max<size_t>(content.size() / slot_bytes, 1);
  std::string image(slots_offset, '\0');
  image += content;
  image.resize(slots_offset + slots * slot_bytes);
  char* at = image.data();
  std::copy(ring_magic.begin(), ring_magic.end(), image.begin());
  store(at + 8, ring_version);
  store(at + 10, static_cast<uint16_t>(slot_bytes));
  store(at + 12, static_cast<uint32_t>(slots));
  store(at + 16, static_cast<uint32_t>(slots_offset));
  store(at + 48, checksum(at, header_checked_bytes));
  for (size_t i = 0; i < slots; ++i) {
    char* slot = at + slots_offset + i * slot_bytes;
    store(slot, slot_checksum(slot));
  }
  const auto found = read_ring(image);
  require(found.has_value(), "a ring with a sound header is read");
  check_trace(found.value());
}

/// The input as the body of a segment.
void check_body(std::string_view body) {
  auto* compressor = libdeflate_alloc_compressor(1);
  const auto bound = libdeflate_zlib_compress_bound(compressor, body.size());
  std::string text(segment_header_bytes + bound, '\0');
  const auto packed =
      libdeflate_zlib_compress(compressor, body.data(), body.size(),
                               text.data() + segment_header_bytes, bound);
  libdeflate_free_compressor(compressor);
  text.resize(segment_header_bytes + packed);
  char* at = text.data();
  std::copy(segment_magic.begin(), segment_magic.end(), text.begin());
  store(at + 4, segment_version);
  store(at + 8, static_cast<uint32_t>(packed));
  store(at + 12, static_cast<uint32_t>(body.size()));
  store(at + 16, libdeflate_crc32(0, body.data(), body.size()));
  for (const auto table : {uint16_t{0}, word_table}) {
    store(at + 6, table);
    store(at + 20, libdeflate_crc32(0, at, 20));
    check_file(text);
  }
}

void check_words(const std::string& text) {
  const auto again = put_words_back(put_words_aside(text), SIZE_MAX);
  require(again.has_value() && again.value() == text, "words come back");
  const auto foreign = put_words_back(text, 4096);
  require(!foreign || foreign.value().size() <= 4096,
          "words keep to the bound");
}

} // namespace
} // namespace apm::trace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  apm::trace::check_file(text);
  apm::trace::check_ring(text);
  apm::trace::check_body(text);
  apm::trace::check_words(std::string{text});
  return 0;
}
