// The screen of a comparison, and its details; see diff_report.hpp.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/diff/diff_report.hpp"
#include "tools/flushtrace/record_text.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

// What a screen has room for; --all and JSON have all.
constexpr size_t summary_rows_max = 12;
constexpr size_t lone_rows_max = 20;
constexpr size_t shown_ancestors_max = 4;

constexpr size_t name_columns = 22;

std::string padded(std::string text, size_t columns) {
  text.resize(std::max(text.size(), columns), ' ');
  return text;
}

std::string shown(const std::string& value) {
  return value.empty() ? "-" : printable(value);
}

class diff_screen {
public:
  diff_screen(const trace_diff& x, const diff_view& view)
      : x_(x), view_(view), a_(*x.a), b_(*x.b) {}

  std::string text() {
    head();
    settings();
    events();
    actor_table();
    actor_details();
    durations();
    lone("only in A", x_.only_a, a_, &aligned_record::a);
    lone(view_.is_replay ? "only in the replay" : "only in B", x_.only_b, b_,
         &aligned_record::b);
    return std::move(out_);
  }

private:
  void line(const std::string& text, size_t indent = 2) {
    out_ += std::string(indent, ' ') + text + '\n';
  }

  void title(const std::string& text) {
    out_ += '\n';
    line(view_.is_coloured ? "\033[1m" + text + "\033[0m" : text, 0);
  }

  size_t room(size_t most) const {
    return view_.is_all ? static_cast<size_t>(-1) : most;
  }

  void left_out(size_t count) {
    if (count > 0)
      line("and " + std::to_string(count) + " more: see --all");
  }

  static std::string name_of(const process_trace& x) {
    auto text = "process " + std::to_string(x.content.process.process_id) + ", "
                + wall_text(x, x.content.process.start.monotonic);
    if (!x.files.empty())
      text += ", " + x.files.front();
    return text;
  }

  void head() {
    line("A  " + name_of(a_), 0);
    line("B  " + (view_.is_replay ? "its replay" : name_of(b_)), 0);
    if (!view_.remark.empty())
      line(view_.remark, 3);
    if (!x_.is_different())
      return line("same: " + counted(x_.both, "step"), 0);
    line("different: " + counted(x_.changed.size(), "step") + " of "
             + std::to_string(x_.both) + " in both, "
             + std::to_string(x_.a_steps) + " only in A, "
             + std::to_string(x_.b_steps) + " only in B",
         0);
  }

  void values(const std::string& what, const std::string& a,
              const std::string& b, size_t indent) {
    line(padded(what, name_columns) + ' ' + shown(a) + " | " + shown(b),
         indent);
  }

  void settings() {
    if (x_.settings.empty())
      return;
    title("settings  (A | B)");
    for (const auto& each : x_.settings)
      values(each.field, each.expected, each.got, 2);
  }

  static std::string event_name(const event_diff& x) {
    if (x.a == x.b || x.b == 0)
      return "event " + std::to_string(x.a);
    if (x.a == 0)
      return "event " + std::to_string(x.b);
    return "event " + std::to_string(x.a) + " | " + std::to_string(x.b);
  }

  void events() {
    size_t rows = 0;
    size_t more = 0;
    for (const auto& each : x_.events) {
      if (each.outcome.empty() && !each.is_lone())
        continue;
      if (rows == 0)
        title("events  (A | B)");
      if (rows >= room(summary_rows_max)) {
        ++more;
        continue;
      }
      rows += each.outcome.size() + 1;
      line(event_name(each)
           + (each.is_lone() ? each.b == 0 ? ", only in A" : ", only in B"
                             : ""));
      for (const auto& row : each.outcome)
        values(row.field, row.expected, row.got, 4);
    }
    left_out(more);
  }

  static std::string counts_of(const actor_diff& x) {
    std::string text;
    const auto add = [&](uint64_t count, const std::string& what) {
      if (count > 0)
        text += (text.empty() ? "" : ", ") + what;
    };
    add(x.changed, counted(x.changed, "step") + " changed");
    add(x.only_a, std::to_string(x.only_a) + " only in A");
    add(x.only_b, std::to_string(x.only_b) + " only in B");
    return text;
  }

  void actor_table() {
    if (x_.actors.empty())
      return;
    title("actors");
    const auto rows = std::min(x_.actors.size(), room(summary_rows_max));
    for (size_t i = 0; i < rows; ++i)
      line(padded(x_.actors[i].actor, name_columns) + ' '
           + counts_of(x_.actors[i]));
    left_out(x_.actors.size() - rows);
  }

  void actor_details() {
    if (x_.actors.empty())
      return;
    title("first difference of each actor");
    const auto rows = std::min(x_.actors.size(), room(lone_rows_max));
    for (size_t i = 0; i < rows; ++i)
      first_of(x_.actors[i]);
    left_out(x_.actors.size() - rows);
  }

  void first_of(const actor_diff& x) {
    const auto& step = *x.first.at;
    line(x.actor);
    line("A  " + (step.a != nullptr ? record_printer{a_}.text(*step.a) : "-"),
         4);
    line("B  " + (step.b != nullptr ? record_printer{b_}.text(*step.b) : "-"),
         4);
    for (const auto& each : x.first.fields)
      line(each.field + ": " + shown(each.expected) + " | " + shown(each.got),
           7);
    ancestors(step.a != nullptr ? a_ : b_,
              step.a != nullptr ? x.a_ancestors : x.b_ancestors);
  }

  void ancestors(const process_trace& of,
                 const std::vector<uint64_t>& sequences) {
    if (sequences.empty())
      return;
    const record_printer records{of};
    line("brought about by", 4);
    for (size_t i = 0;
         i < std::min(sequences.size(), room(shown_ancestors_max)); ++i) {
      if (const auto* each = find_record(of.content.records, sequences[i]))
        line(records.text(*each), 7);
    }
  }

  void durations() {
    bool has_any = false;
    for (const auto& each : x_.events)
      for (const auto& row : each.durations) {
        if (!has_any)
          title("durations that differ  (A | B)");
        has_any = true;
        line(padded(event_name(each), 12) + padded(row.what, name_columns + 4)
             + in_words(row.a) + " | " + in_words(row.b));
      }
  }

  void lone(const char* name, const std::vector<lone_steps>& steps,
            const process_trace& of, const record* aligned_record::*side) {
    if (steps.empty())
      return;
    title(name);
    const record_printer records{of};
    const auto rows = std::min(steps.size(), room(lone_rows_max));
    for (size_t i = 0; i < rows; ++i) {
      line(records.text(*(steps[i].top->*side)));
      if (steps[i].steps > 1)
        line("and " + std::to_string(steps[i].steps - 1) + " that came of it",
             6);
    }
    left_out(steps.size() - rows);
  }

  const trace_diff& x_;
  const diff_view& view_;
  const process_trace& a_;
  const process_trace& b_;
  std::string out_;
};

} // namespace

std::string diff_in_text(const trace_diff& x, const diff_view& view) {
  return diff_screen{x, view}.text();
}

} // namespace flushtrace
