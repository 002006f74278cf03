// The screen that explains one event.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/explanation_causes.hpp"
#include "tools/flushtrace/record_text.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

/// What a screen has room for; JSON has all.
constexpr size_t posts_max = 3;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

class event_screen {
public:
  event_screen(const process_trace& of, const event_analysis& x,
               bool is_coloured)
      : of_(of), x_(x), event_(x.facts), out_(is_coloured) {}

  std::string text() {
    head();
    lines();
    if (event_.winner)
      signals();
    flush();
    add_causes(out_, x_);
    return out_.take();
  }

private:
  void head() {
    std::string begin =
        "event " + (event_.event == 0 ? "?" : std::to_string(event_.event))
        + "  " + name_of(event_.kind);
    if (!event_.request_id.empty())
      begin += ' ' + printable(event_.request_id);
    else if (!event_.reason.empty())
      begin += ", " + printable(event_.reason);
    out_.loud_line(begin + "  " + upper(describe(x_.outcome)), 0,
                   x_.outcome.is_missed() ? "\033[31;1m" : "\033[1m");
    const auto& at = event_.begin ? event_.begin : event_.last;
    std::string when = wall_text(of_, at.ns) + ", process "
                       + std::to_string(of_.content.process.process_id);
    if (event_.winner && event_.ledger.at)
      when += ", held " + in_words(event_.ledger.at.ns - event_.winner->at.ns);
    out_.line(when);
  }

  void lines() {
    const auto& outcome = x_.outcome;
    std::string what;
    const auto add = [&](uint64_t count, const std::string& text) {
      if (count > 0)
        what += (what.empty() ? "" : "; ") + text;
    };
    add(outcome.lost, counted(outcome.lost, "line") + " lost");
    add(outcome.rejected, counted(outcome.rejected, "line") + " rejected");
    add(outcome.delayed,
        counted(outcome.delayed, "line") + " still held"
            + (outcome.late > 0
                   ? ", " + std::to_string(outcome.late) + " of them came late"
                   : std::string{}));
    add(outcome.platform_records, counted(outcome.platform_records, "record")
                                      + " dropped by the platform");
    add(outcome.forgotten_records, counted(outcome.forgotten_records, "record")
                                       + " of the platform forgotten");
    add(outcome.refused_bytes,
        counted(outcome.refused_bytes, "byte") + " of unreadable bodies");
    if (!what.empty())
      out_.line(what);
    const auto& books = event_.ledger;
    if (!books.at)
      return;
    char text[2 * explanation_screen::columns];
    std::snprintf(
        text, sizeof text,
        "ledger   received %llu = accepted %llu + dropped %llu + held "
        "%llu  (record %llu)",
        static_cast<unsigned long long>(books.received),
        static_cast<unsigned long long>(books.accepted),
        static_cast<unsigned long long>(books.dropped_total()),
        static_cast<unsigned long long>(books.held),
        static_cast<unsigned long long>(books.at.record));
    out_.line(text);
    if (books.all_held != books.held)
      out_.line("         with earlier events' "
                + counted(books.all_held, "line") + " held");
  }

  // -- signals --

  void signals() {
    const auto& won = *event_.winner;
    out_.line("signals");
    out_.line(std::string{apm::to_string(won.signal)} + " won "
                  + in_words(won.at.ns - event_.begin.ns) + " into the event, "
                  + in_words(event_.slack_ns) + " before the deadline  (record "
                  + std::to_string(won.at.record) + ')',
              4);
    using apm::end_signal;
    for (const auto signal : {end_signal::agent_flushed,
                              end_signal::runtime_done, end_signal::deadline})
      if (signal != won.signal)
        loser(signal);
  }

  void loser(apm::end_signal signal) {
    const auto& won = event_.winner->at;
    const std::string name{apm::to_string(signal)};
    moment at;
    if (signal == apm::end_signal::deadline) {
      const auto* timer = deadline_timer(event_);
      if (timer != nullptr)
        out_.line(name + " was due " + in_words(timer->due_ns - won.ns)
                      + " later  (record " + std::to_string(timer->set.record)
                      + ')',
                  4);
      return;
    }
    if (signal == apm::end_signal::agent_flushed) {
      for (const auto& each : event_.intake)
        if (each.is_flushed && !at)
          at = each.at;
    } else if (!event_.runtime_done.empty()) {
      at = event_.runtime_done.front().at;
    }
    if (!at)
      return out_.line(name + " never came", 4);
    const auto behind = at.ns - won.ns;
    out_.line(name + " came " + in_words(behind < 0 ? -behind : behind)
                  + (behind < 0 ? " before, and did not count" : " later")
                  + "  (record " + std::to_string(at.record) + ')',
              4);
  }

  // -- flush --

  void flush() {
    const auto& begin = event_.flush_begin;
    const auto& end = event_.flush_end;
    if (begin.at) {
      std::string text = "flush    of " + counted(begin.lines, "line")
                         + (begin.is_breaker_open ? ", the breaker open" : "")
                         + ", " + in_words(begin.budget_ns) + " at most";
      if (end.at)
        text += "; over after " + in_words(end.at.ns - begin.at.ns) + ": "
                + why_text(end.why);
      out_.line(text);
    }
    auto posts = event_.posts;
    std::stable_partition(posts.begin(), posts.end(), [](const auto& x) {
      return x.how != post_end::answered || x.has_failed();
    });
    for (size_t i = 0; i < posts.size() && i < posts_max; ++i)
      out_.line(post_text(posts[i]), 4);
    if (posts.size() > posts_max)
      out_.line("and " + std::to_string(posts.size() - posts_max) + " more", 4);
  }

  static std::string why_text(flush_end_why why) {
    switch (why) {
    case flush_end_why::nothing_left:
      return "nothing was left";
    case flush_end_why::server_fails:
      return "the server fails";
    case flush_end_why::out_of_time:
      return "its time was up";
    case flush_end_why::put_off:
      return "put off";
    case flush_end_why::overtaken:
      return "overtaken by SHUTDOWN";
    }
    return "?";
  }

  static std::string post_text(const post_fact& x) {
    std::string text = "POST of " + counted(x.lines, "line");
    switch (x.how) {
    case post_end::answered:
      text += ": " + std::to_string(x.status) + " after ";
      break;
    case post_end::failed:
      text += ": failed after ";
      break;
    case post_end::cancelled:
      text += ": cancelled after ";
      break;
    case post_end::open:
      return text + ": no end is in the trace  (record "
             + std::to_string(x.begin.record) + ')';
    }
    return text + in_words(x.duration_ns(x.end.ns))
           + (x.is_reused ? ", reused connection" : "") + "  (records "
           + std::to_string(x.begin.record) + '-' + std::to_string(x.end.record)
           + ')';
  }

  const process_trace& of_;
  const event_analysis& x_;
  const event_facts& event_;
  explanation_screen out_;
};

} // namespace

std::string explain_in_text(const process_trace& of, const event_analysis& x,
                            bool is_coloured) {
  return event_screen{of, x, is_coloured}.text();
}

} // namespace flushtrace
