// A sequence diagram for Mermaid: one event, the world and the five actors; of
// the ports only what passes through them. Or a whole life, and of it only what
// passes between the world and the extension.
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <algorithm>
#include <map>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// Mermaid refuses texts of more than 50 000 characters, and nobody reads so
/// many arrows.
constexpr size_t arrows_max = 400;

/// Of one arrow or note.
constexpr size_t text_bytes_max = 80;

/// What says nothing about a flush.
bool is_noise(std::string_view type) {
  return type == "exit" || type == "down" || type == "listener_answer"
         || type == "http_response" || type == "http_request"
         || type == "intake_open";
}

/// Mermaid gives meaning to `;`, `#`, `:` and markup: in texts that come from a
/// trace only these are kept.
std::string plain(std::string_view text) {
  constexpr std::string_view kept = "_-./() ,=%+";
  std::string shown;
  std::string spelt{text.substr(0, text_bytes_max)};
  if (const auto at = spelt.find("µs"); at != std::string::npos)
    spelt.replace(at, std::string_view{"µs"}.size(), "us");
  for (const char c : spelt)
    shown += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                     || (c >= 'A' && c <= 'Z')
                     || kept.find(c) != std::string_view::npos
                 ? c
                 : '?';
  return shown;
}

/// What follows each `name` in a record's fields, with a comma between.
std::string values_of(std::string_view fields, std::string_view name,
                      char end) {
  std::string found;
  for (auto at = fields.find(name); at != std::string_view::npos;
       at = fields.find(name, at)) {
    at += name.size();
    found += found.empty() ? "" : ", ";
    found += fields.substr(at, fields.find(end, at) - at);
  }
  return found;
}

/// What came from outside, by what matters of it.
std::string input_text(const record_parts& x) {
  if (x.type == "telemetry_batch")
    return values_of(x.fields, "type=\"", '"');
  if (x.type != "agent_intake")
    return x.type;
  const auto lines = values_of(x.fields, ", lines=", ',');
  const bool is_flushed = x.fields.find("is_flushed=true") != std::string::npos;
  if (lines == "0")
    return is_flushed ? "flush signal" : "no lines";
  return lines + " lines" + (is_flushed ? ", and the flush signal" : "");
}

/// Which records are drawn, and how.
struct drawn_part {
  uint32_t first = 0;
  uint32_t last = 0;
  std::string title;   ///< as Mermaid takes it
  std::string closing; ///< empty: none
  /// Only what passes between the world and the extension.
  bool is_world_alone = false;
};

class mermaid_writer {
public:
  mermaid_writer(const shown_process& shown, drawn_part part)
      : shown_(shown), part_(std::move(part)), printer_(*shown.process) {
    for (const auto& x : shown.seen.requests)
      requests_[x.asked] = requests_[x.answered] = &x;
  }

  std::string write() {
    read_all();
    std::string text = "sequenceDiagram\n  autonumber\n";
    text += "  %% " + part_.title + '\n';
    for (const auto lane : used())
      text += "  participant " + id_of(lane) + " as "
              + plain(shown_.seen.lanes[lane].name) + '\n';
    if (lines_.empty())
      return text;
    const bool is_cut = lines_.size() > arrows_max;
    for (size_t i = 0; i < std::min(lines_.size(), arrows_max); ++i)
      text += "  " + lines_[i].text + '\n';
    if (is_cut)
      text += "  Note over " + id_of(used().front()) + ": "
              + std::to_string(lines_.size() - arrows_max)
              + " more arrows have no room here\n";
    if (!part_.closing.empty())
      text += "  Note over " + id_of(used().front()) + ','
              + id_of(used().back()) + ": " + plain(part_.closing) + '\n';
    return text;
  }

  std::vector<world_arrow> arrows() {
    read_all();
    std::vector<world_arrow> found;
    for (const auto& x : lines_)
      if (x.from != x.to)
        found.push_back(
            {is_outside(x.from),
             name_of(x.from) + " to " + name_of(x.to) + ": " + x.what});
    return found;
  }

private:
  struct line {
    uint32_t at;
    std::string text; ///< as Mermaid has it
    uint32_t from;    ///< lanes; of a note both are its own
    uint32_t to;
    std::string what;
  };

  void read_all() {
    for (auto i = part_.first; i <= part_.last; ++i)
      read(i);
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const auto& x, const auto& y) { return x.at < y.at; });
  }

  const std::string& name_of(uint32_t lane) const {
    return shown_.seen.lanes[lane].name;
  }

  static std::string id_of(uint32_t lane) { return 'L' + std::to_string(lane); }

  bool is_shown(uint32_t lane) const {
    return lane < shown_.seen.lanes.size()
           && shown_.seen.lanes[lane].group != lane_group::ports;
  }

  bool is_outside(uint32_t lane) const {
    return shown_.seen.lanes[lane].group == lane_group::outside;
  }

  const event_row* event_at(uint32_t i) const {
    for (const auto& x : shown_.seen.events)
      if (i >= x.first && i <= x.last)
        return &x.row;
    return nullptr;
  }

  std::vector<uint32_t> used() const {
    std::vector<uint32_t> found;
    for (const auto& [lane, is_used] : used_)
      if (is_used)
        found.push_back(lane);
    return found;
  }

  std::string time_text(uint32_t i) const {
    return duration_text(
        elapsed_ns(shown_.at(part_.first).time_ns, shown_.at(i).time_ns));
  }

  void arrow(uint32_t at, uint32_t from, uint32_t to, const std::string& text,
             const char* shape = "->>") {
    if (!is_shown(from) || !is_shown(to))
      return;
    if (part_.is_world_alone && !is_outside(from) && !is_outside(to))
      return;
    used_[from] = used_[to] = true;
    lines_.push_back({at, id_of(from) + shape + id_of(to) + ": " + plain(text),
                      from, to, plain(text)});
  }

  void note(uint32_t at, const std::string& text) {
    const auto lane = shown_.seen.steps[at].lane;
    if (!is_shown(lane))
      return;
    used_[lane] = true;
    lines_.push_back({at,
                      "Note over " + id_of(lane) + ": " + plain(text) + ", +"
                          + time_text(at),
                      lane, lane, plain(text)});
  }

  void read(uint32_t i) {
    const auto kind = static_cast<record_kind>(shown_.at(i).kind);
    const auto* event = event_at(i);
    if (kind == record_kind::enqueued) {
      read_message(i);
    } else if (kind == record_kind::winner && event != nullptr) {
      note(i, "winner " + event->winner);
    } else if (kind == record_kind::dropped || kind == record_kind::late_signal
               || kind == record_kind::breaker) {
      const auto parts = printer_.parts(shown_.at(i));
      note(i, parts.kind + ' ' + parts.fields);
    } else if (part_.is_world_alone) {
      return;
    } else if (kind == record_kind::flush_begin) {
      note(i, "flush begins");
    } else if (kind == record_kind::flush_end) {
      note(i, "flush ends");
    } else if (kind == record_kind::ledger && event != nullptr) {
      note(i, std::to_string(event->received) + " received, "
                  + std::to_string(event->accepted) + " accepted, "
                  + std::to_string(event->dropped) + " dropped, "
                  + std::to_string(event->held) + " held");
    }
  }

  void read_message(uint32_t i) {
    const auto& step = shown_.seen.steps[i];
    const auto parts = printer_.parts(shown_.at(i));
    if (parts.type == "http_request" || parts.type == "http_response"
        || parts.type == "http_cancel") {
      read_request(i);
      return;
    }
    if (is_noise(parts.type) || step.sender == step.lane)
      return;
    arrow(step.handled == no_record ? i : step.handled, step.sender, step.lane,
          (is_outside(step.sender) ? input_text(parts) : parts.type) + ", +"
              + time_text(i));
  }

  /// Through the HTTP CLIENT: from who asked to whom, and back.
  void read_request(uint32_t i) {
    const auto at = requests_.find(i);
    if (at == requests_.end())
      return;
    const auto& x = *at->second;
    const auto peer =
        x.is_to_lambda ? shown_.seen.lambda_lane : shown_.seen.server_lane;
    const auto who = shown_.seen.steps[x.asked].sender;
    if (x.asked == i)
      arrow(i, who, peer, x.method + ' ' + x.path + ", +" + time_text(i));
    else
      arrow(i, peer, who, answer_text(x) + ", +" + time_text(i),
            x.failure != 0 ? "--x" : "-->>");
  }

  std::string answer_text(const request& x) const {
    if (x.failure != 0)
      return failure_name(x.failure);
    const auto status = std::to_string(x.status);
    return x.is_next ? status + event_text(x.answered) : status;
  }

  /// What the POLLER makes of an answer; empty where it makes nothing of it.
  std::string event_text(uint32_t answered) const {
    const auto turn = shown_.seen.steps[answered].handled;
    for (auto i = turn; i < shown_.end && turn != no_record; ++i) {
      if (i != turn && shown_.seen.steps[i].cause != turn)
        break;
      const auto parts = printer_.parts(shown_.at(i));
      if (parts.type == "lambda_event" && i != turn)
        return ", " + values_of(parts.fields, "kind=", ',');
    }
    return {};
  }

  const shown_process& shown_;
  drawn_part part_;
  record_printer printer_;
  std::vector<line> lines_;
  std::map<uint32_t, bool> used_;
  std::map<uint32_t, const request*> requests_; ///< by their records
};

/// All events, and of them what passes in and out.
drawn_part world_of(const shown_process& shown) {
  const auto& events = shown.seen.events;
  drawn_part part;
  part.first = events.empty() ? shown.first : events.front().first;
  part.last = shown.end - 1;
  part.is_world_alone = true;
  return part;
}

} // namespace

std::string mermaid_of(const std::vector<shown_process>& shown) {
  const shown_process* in = nullptr;
  const event_span* wanted = nullptr;
  for (const auto& each : shown)
    for (const auto* x : each.events()) {
      const bool is_first_missed =
          x->outcome.is_missed()
          && (wanted == nullptr || !wanted->outcome.is_missed());
      const bool is_later = wanted == nullptr || !wanted->outcome.is_missed();
      if (is_first_missed || is_later) {
        in = &each;
        wanted = x;
      }
    }
  if (wanted == nullptr)
    return {};
  drawn_part part{wanted->first, wanted->last, {}, {}, false};
  part.title = "event " + std::to_string(wanted->row.event) + ": "
               + plain(wanted->verdict);
  return mermaid_writer{*in, std::move(part)}.write();
}

std::string mermaid_of_world(const shown_process& shown,
                             const std::string& closing) {
  auto part = world_of(shown);
  part.title = plain(closing);
  part.closing = closing;
  return mermaid_writer{shown, std::move(part)}.write();
}

std::vector<world_arrow> world_arrows(const shown_process& shown) {
  return mermaid_writer{shown, world_of(shown)}.arrows();
}

} // namespace flushtrace
