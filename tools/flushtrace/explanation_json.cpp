// The same as explanation_text.cpp says, for programs, and all of it.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/verbs.hpp"

namespace flushtrace {

namespace {

/// An object with numbers of records and lines.
class json_writer {
public:
  explicit json_writer(std::string& to) : out_(to) {}

  void number(const char* name, uint64_t value) {
    out_.integer(name, static_cast<int64_t>(value));
  }
  void record(const char* name, const moment& at) {
    if (at)
      number(name, at.record);
  }
  void key(const char* name) { out_.key(name); }
  apm::json_object& object() { return out_; }
  void end() { out_.end(); }

private:
  apm::json_object out_;
};

std::string ledger_json(const ledger_fact& x) {
  std::string text;
  json_writer out{text};
  out.record("record", x.at);
  out.number("received", x.received);
  out.number("accepted", x.accepted);
  out.number("dropped", x.dropped_total());
  out.number("held", x.held);
  out.number("all_held", x.all_held);
  out.end();
  return text;
}

std::string signals_json(const event_facts& x) {
  std::string text = "[";
  const auto add = [&](apm::end_signal signal, const moment& at,
                       bool is_winner) {
    std::string one;
    json_writer out{one};
    out.object().string("signal", apm::to_string(signal));
    out.object().boolean("won", is_winner);
    out.record("record", at);
    out.object().number("after_winner_ms", ms_of(at.ns - x.winner->at.ns));
    out.end();
    text += (text.size() == 1 ? "" : ",") + one;
  };
  if (!x.winner)
    return "[]";
  add(x.winner->signal, x.winner->at, true);
  if (x.winner->signal != apm::end_signal::agent_flushed)
    for (const auto& each : x.intake)
      if (each.is_flushed) {
        add(apm::end_signal::agent_flushed, each.at, false);
        break;
      }
  if (x.winner->signal != apm::end_signal::runtime_done
      && !x.runtime_done.empty())
    add(apm::end_signal::runtime_done, x.runtime_done.front().at, false);
  const auto* timer = deadline_timer(x);
  if (x.winner->signal != apm::end_signal::deadline && timer != nullptr)
    add(apm::end_signal::deadline, {timer->set.record, timer->due_ns}, false);
  return text + ']';
}

std::string posts_json(const event_facts& x) {
  static constexpr const char* ends[] = {"open", "answered", "failed",
                                         "cancelled"};
  return json_list(x.posts, [](const post_fact& each) {
    std::string one;
    json_writer out{one};
    out.record("record", each.begin);
    out.record("end_record", each.end);
    out.object().string("end", ends[static_cast<size_t>(each.how)]);
    out.number("lines", each.lines);
    out.number("bytes", each.bytes);
    out.number("accepted", each.accepted);
    if (each.status != 0)
      out.number("status", each.status);
    if (each.end)
      out.object().number("duration_ms", ms_of(each.duration_ns(each.end.ns)));
    out.object().boolean("reused", each.is_reused);
    out.object().boolean("over_freeze", each.is_over_freeze);
    out.end();
    return one;
  });
}

constexpr const char* hows[] = {"inferred", "proved", "ruled_out"};

std::string but_for_json(const but_for& x) {
  std::string text;
  json_writer out{text};
  out.object().string("change", x.change);
  out.object().boolean("clean", x.is_clean());
  out.object().boolean("same_life", x.is_same_life);
  out.object().string("figures", x.is_exact ? "exact" : "modelled");
  if (x.is_there)
    out.object().string("outcome", describe(x.outcome));
  out.number("lost", x.outcome.lost);
  out.number("delayed", x.outcome.delayed);
  out.number("rejected", x.outcome.rejected);
  if (x.billed_ns)
    out.object().number("billed_ms", ms_of(*x.billed_ns));
  out.end();
  return text;
}

std::string causes_json(const event_analysis& x) {
  return json_list(x.findings, [](const finding& each) {
    std::string one;
    json_writer out{one};
    out.object().string("cause", each.what->id);
    out.object().string("proof", hows[static_cast<size_t>(each.how)]);
    out.object().string("detail", each.detail);
    out.key("evidence");
    one += json_numbers(each.evidence);
    out.object().string("remedy", each.fix.text);
    out.object().string_if_any("setting", each.fix.setting);
    out.object().string_if_any("value", each.fix.value);
    if (each.without) {
      out.key("without");
      one += but_for_json(*each.without);
    }
    if (each.with_remedy) {
      out.key("with_remedy");
      one += but_for_json(*each.with_remedy);
    }
    out.object().string_if_any("why_inferred", each.why_inferred);
    out.end();
    return one;
  });
}

std::string uncaused_json(const uncaused_loss& x) {
  std::string text;
  json_writer out{text};
  out.object().string("detail", x.detail);
  out.key("evidence");
  text += json_numbers(x.evidence);
  out.end();
  return text;
}

} // namespace

std::string explain_in_json(const process_trace& of, const event_analysis& x) {
  const auto& event = x.facts;
  std::string text;
  json_writer out{text};
  out.object().integer("schema_version", schema_version);
  out.number("process", of.content.process.process_id);
  out.number("event", event.event);
  out.object().string("kind", name_of(event.kind));
  out.object().string_if_any("request_id", event.request_id);
  out.object().string_if_any("reason", event.reason);
  out.record("record", event.begin);
  if (event.begin)
    out.object().string("begin", wall_text(of, event.begin.ns));
  out.object().string("outcome", describe(x.outcome));
  out.object().boolean("missed", x.outcome.is_missed());
  out.number("lost", x.outcome.lost);
  out.number("delayed", x.outcome.delayed);
  out.number("rejected", x.outcome.rejected);
  out.number("late", x.outcome.late);
  out.number("platform_dropped_records", x.outcome.platform_records);
  out.number("forgotten_records", x.outcome.forgotten_records);
  out.number("refused_bytes", x.outcome.refused_bytes);
  if (event.winner) {
    out.object().string("ended_by", apm::to_string(event.winner->signal));
    out.object().number("slack_ms", ms_of(event.slack_ns));
    if (event.ledger.at)
      out.object().number("held_ms",
                          ms_of(event.ledger.at.ns - event.winner->at.ns));
  }
  if (event.ledger.at) {
    out.key("ledger");
    text += ledger_json(event.ledger);
  }
  out.key("signals");
  text += signals_json(event);
  out.key("posts");
  text += posts_json(event);
  out.key("causes");
  text += causes_json(x);
  out.key("uncaused");
  text += json_list(x.uncaused, uncaused_json);
  out.end();
  return text;
}

} // namespace flushtrace
