// A comparison for programs: all of it; see diff_report.hpp.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/diff/diff_report.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/verbs.hpp"

namespace flushtrace {

namespace {

std::string fields_json(const std::vector<field_difference>& fields) {
  return json_list(fields, [](const field_difference& x) {
    std::string text;
    apm::json_object out{text};
    out.string("field", x.field);
    out.string("a", x.expected);
    out.string("b", x.got);
    out.end();
    return text;
  });
}

std::string durations_json(const event_diff& x) {
  return json_list(x.durations, [](const duration_diff& each) {
    std::string text;
    apm::json_object out{text};
    out.string("duration", each.what);
    out.number("a_ms", ms_of(each.a));
    out.number("b_ms", ms_of(each.b));
    out.end();
    return text;
  });
}

std::string events_json(const trace_diff& x) {
  return json_list(x.events, [](const event_diff& each) {
    std::string text;
    apm::json_object out{text};
    out.integer("a", static_cast<int64_t>(each.a));
    out.integer("b", static_cast<int64_t>(each.b));
    out.key("outcome");
    text += fields_json(each.outcome);
    out.key("durations");
    text += durations_json(each);
    out.end();
    return text;
  });
}

class step_writer {
public:
  explicit step_writer(const trace_diff& x) : a_(*x.a), b_(*x.b) {}

  std::string operator()(const changed_step& x) const {
    std::string text;
    apm::json_object out{text};
    put(out, *x.at);
    out.key("fields");
    text += fields_json(x.fields);
    out.end();
    return text;
  }

  std::string operator()(const lone_steps& x) const {
    std::string text;
    apm::json_object out{text};
    put(out, *x.top);
    out.integer("steps", static_cast<int64_t>(x.steps));
    out.end();
    return text;
  }

private:
  void put(apm::json_object& out, const aligned_record& x) const {
    out.integer("event", static_cast<int64_t>(x.event));
    if (x.a != nullptr) {
      out.integer("a", static_cast<int64_t>(x.a->sequence));
      out.string("a_text", a_.text(*x.a));
    }
    if (x.b != nullptr) {
      out.integer("b", static_cast<int64_t>(x.b->sequence));
      out.string("b_text", b_.text(*x.b));
    }
  }

  record_printer a_;
  record_printer b_;
};

std::string actors_json(const trace_diff& x, const step_writer& write) {
  return json_list(x.actors, [&](const actor_diff& each) {
    std::string text;
    apm::json_object out{text};
    out.string("actor", each.actor);
    out.integer("changed", static_cast<int64_t>(each.changed));
    out.integer("only_a", static_cast<int64_t>(each.only_a));
    out.integer("only_b", static_cast<int64_t>(each.only_b));
    out.key("first");
    text += write(each.first);
    out.key("a_ancestors");
    text += json_numbers(each.a_ancestors);
    out.key("b_ancestors");
    text += json_numbers(each.b_ancestors);
    out.end();
    return text;
  });
}

} // namespace

std::string diff_in_json(const trace_diff& x, const diff_view& view) {
  std::string text;
  apm::json_object out{text};
  out.integer("schema_version", schema_version);
  out.integer("a_process", x.a->content.process.process_id);
  out.integer("b_process", x.b->content.process.process_id);
  out.boolean("replay", view.is_replay);
  out.string("result", x.is_different() ? "different" : "same");
  out.string_if_any("remark", view.remark);
  out.integer("both", static_cast<int64_t>(x.both));
  out.integer("only_a", static_cast<int64_t>(x.a_steps));
  out.integer("only_b", static_cast<int64_t>(x.b_steps));
  out.key("settings");
  text += fields_json(x.settings);
  out.key("events");
  text += events_json(x);
  const step_writer write{x};
  out.key("actors");
  text += actors_json(x, write);
  out.key("changed");
  text += json_list(x.changed, write);
  out.key("a_alone");
  text += json_list(x.only_a, write);
  out.key("b_alone");
  text += json_list(x.only_b, write);
  out.end();
  return text;
}

} // namespace flushtrace
