#include "tools/flushtrace/timeline/page_data.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/event_spans.hpp"
#include "tools/flushtrace/timeline/page_causes.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <map>

namespace flushtrace {

namespace {

using apm::append_json_integer;
using apm::append_json_string;

/// Of one record's fields; `flushtrace dump` has all of them.
constexpr size_t fields_bytes_max = 1200;

/// Texts by number, each once.
class text_table {
public:
  size_t number_of(const std::string& text) {
    const auto [at, is_new] = places_.emplace(text, places_.size());
    if (is_new) {
      json_ += json_.empty() ? "[" : ",";
      append_json_string(json_, text);
    }
    return at->second;
  }

  std::string json() const { return json_.empty() ? "[]" : json_ + ']'; }

private:
  std::map<std::string, size_t> places_;
  std::string json_;
};

/// A row of whole numbers.
class column {
public:
  void add(int64_t x) {
    json_ += json_.empty() ? "[" : ",";
    append_json_integer(json_, x);
  }

  void add_unsigned(uint64_t x) { add(static_cast<int64_t>(x)); }

  std::string json() const { return json_.empty() ? "[]" : json_ + ']'; }

private:
  std::string json_;
};

std::string shortened(std::string text) {
  if (text.size() > fields_bytes_max)
    text = text.substr(0, fields_bytes_max) + " …";
  return text;
}

class data_writer {
public:
  data_writer(const process_trace& of, const activity& seen,
              const page_selection& kept)
      : of_(of),
        seen_(seen),
        kept_(kept),
        place_(seen.steps.size(), no_record) {
    for (uint32_t i = 0; i < kept.records.size(); ++i)
      place_[kept.records[i]] = i;
  }

  std::string write() {
    std::string json;
    apm::json_object out{json};
    const auto& process = of_.content.process;
    out.integer("id", process.process_id);
    out.string("started", wall_text(of_, process.start.monotonic));
    out.integer("started_ms", of_.wall_ns(process.start.monotonic) / 1'000'000);
    out.boolean("is_ended", process.is_ended);
    out.boolean("is_whole", kept_.is_whole);
    out.string("version", printable(of_.content.fact("version")));
    raw(out, json, "lanes", lanes());
    raw(out, json, "records", records());
    raw(out, json, "lives", lives());
    raw(out, json, "requests", requests());
    raw(out, json, "levels", levels());
    raw(out, json, "signals", signals());
    raw(out, json, "events", events());
    out.end();
    return json;
  }

private:
  static void raw(apm::json_object& out, std::string& json,
                  std::string_view name, const std::string& value) {
    out.key(name);
    json += value;
  }

  /// A record's place on the page; -1: it is not there.
  int64_t place_of(uint32_t record) const {
    return record == no_record || place_[record] == no_record
               ? -1
               : int64_t{place_[record]};
  }

  /// Time since the process began. *Units:* ns.
  int64_t time_of(int64_t monotonic) const {
    return elapsed_ns(of_.content.process.start.monotonic, monotonic);
  }

  std::string lanes() const {
    std::string json = "[";
    for (const auto& x : seen_.lanes) {
      json += json.size() == 1 ? "[" : ",[";
      append_json_string(json, printable(x.name));
      json += ',';
      append_json_integer(json, static_cast<int>(x.group));
      json += ']';
    }
    return json + ']';
  }

  std::string records() const {
    const record_printer printer{of_};
    text_table words;
    text_table texts;
    column sequences, times, kinds, types, fields, actors, lanes, senders,
        causes, flags;
    uint64_t sequence = 0;
    int64_t time = 0;
    for (const auto i : kept_.records) {
      const auto& x = of_.content.records[i];
      const auto& step = seen_.steps[i];
      const auto parts = printer.parts(x);
      sequences.add_unsigned(x.sequence - sequence);
      sequence = x.sequence;
      const auto at = time_of(x.time_ns);
      times.add(elapsed_ns(time, at));
      time = at;
      kinds.add_unsigned(words.number_of(parts.kind));
      types.add_unsigned(words.number_of(parts.type));
      fields.add_unsigned(texts.number_of(shortened(parts.fields)));
      actors.add_unsigned(
          words.number_of(printable(of_.content.name_of(x.actor))));
      lanes.add(step.lane);
      senders.add(step.sender);
      const auto cause = place_of(step.cause);
      causes.add(cause < 0 ? 0 : place_of(i) - cause);
      flags.add((parts.is_urgent ? 1 : 0) | (step.is_cause_derived ? 2 : 0)
                | (x.cause != 0 && cause < 0 ? 4 : 0));
    }
    std::string json;
    apm::json_object out{json};
    raw(out, json, "words", words.json());
    raw(out, json, "texts", texts.json());
    raw(out, json, "sequence", sequences.json());
    raw(out, json, "time", times.json());
    raw(out, json, "kind", kinds.json());
    raw(out, json, "type", types.json());
    raw(out, json, "fields", fields.json());
    raw(out, json, "actor", actors.json());
    raw(out, json, "lane", lanes.json());
    raw(out, json, "sender", senders.json());
    raw(out, json, "cause", causes.json());
    raw(out, json, "flags", flags.json());
    out.end();
    return json;
  }

  std::string lives() const {
    std::string json = "[";
    for (const auto& x : seen_.lives) {
      if (place_of(x.born) < 0 && place_of(x.exited) < 0)
        continue;
      column each;
      each.add(x.lane);
      each.add(place_of(x.born));
      each.add(place_of(x.exited));
      json += (json.size() == 1 ? "" : ",") + each.json();
    }
    return json + ']';
  }

  std::string requests() const {
    std::string json = "[";
    for (const auto& x : seen_.requests) {
      if (place_of(x.asked) < 0)
        continue;
      json += json.size() == 1 ? "" : ",";
      apm::json_object out{json};
      out.integer("asked", place_of(x.asked));
      out.integer("answered", place_of(x.answered));
      out.integer("lane",
                  x.is_to_lambda ? seen_.lambda_lane : seen_.server_lane);
      if (x.is_next)
        out.boolean("is_next", true);
      out.string("method", printable(x.method));
      out.string("path", printable(x.path).substr(0, 200));
      if (x.status != 0)
        out.integer("status", static_cast<int64_t>(x.status));
      if (x.failure != 0)
        out.string("failure", failure_name(x.failure));
      out.end();
    }
    return json + ']';
  }

  std::string levels() const {
    std::string json = "[";
    for (const auto& x : seen_.levels) {
      if (place_of(x.record) < 0)
        continue;
      column each;
      each.add(place_of(x.record));
      each.add_unsigned(x.lines);
      each.add_unsigned(x.bytes);
      each.add_unsigned(x.bytes_max);
      json += (json.size() == 1 ? "" : ",") + each.json();
    }
    return json + ']';
  }

  std::string signals() const {
    std::string json = "[";
    for (const auto& x : seen_.signals) {
      if (place_of(x.record) < 0)
        continue;
      column each;
      each.add(place_of(x.record));
      each.add_unsigned(x.signal);
      each.add_unsigned(x.event);
      each.add(x.is_winner ? 1 : 0);
      json += (json.size() == 1 ? "" : ",") + each.json();
    }
    return json + ']';
  }

  std::string events() const {
    std::string json = "[";
    for (const auto i : kept_.events) {
      json += json.size() == 1 ? "" : ",";
      event(json, seen_.events[i]);
    }
    return json + ']';
  }

  void event(std::string& json, const event_span& x) const {
    const auto& row = x.row;
    apm::json_object out{json};
    const auto number = [&](const char* name, uint64_t value) {
      out.integer(name, static_cast<int64_t>(value));
    };
    number("event", row.event);
    out.string("kind", row.kind);
    out.string("request_id", printable(row.request_id));
    out.string("wall", wall_text(of_, row.begin_ns));
    out.string("verdict", x.verdict);
    out.string("said", sentence_of(x));
    out.boolean("is_missed", x.outcome.is_missed());
    const auto place = [this](uint64_t sequence) {
      return place_of(index_of(of_.content, sequence));
    };
    raw(out, json, "causes", causes_in_page(x.findings, place));
    raw(out, json, "uncaused", uncaused_in_page(x.uncaused, place));
    number("first", static_cast<uint64_t>(place_of(x.first)));
    number("last", static_cast<uint64_t>(place_of(x.last)));
    out.integer("deadline", time_of(row.deadline_ns));
    out.string_if_any("winner", row.winner);
    if (row.slack_ns)
      out.integer("slack", *row.slack_ns);
    if (row.winner_ns && row.end_ns)
      out.integer("held_ns", elapsed_ns(*row.winner_ns, *row.end_ns));
    out.boolean("is_over", row.end_ns.has_value());
    number("received", row.received);
    number("accepted", row.accepted);
    number("dropped", row.dropped);
    number("held", row.held);
    out.integer("winner_at", place_of(x.winner));
    out.integer("flush_begin", place_of(x.flush_begin));
    out.integer("flush_end", place_of(x.flush_end));
    out.end();
  }

  const process_trace& of_;
  const activity& seen_;
  const page_selection& kept_;
  std::vector<uint32_t> place_; ///< on the page, of each record
};

} // namespace

std::string page_data(const process_trace& of, const activity& seen,
                      const page_selection& kept) {
  return data_writer{of, seen, kept}.write();
}

} // namespace flushtrace
