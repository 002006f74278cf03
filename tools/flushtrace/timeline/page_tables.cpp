#include "tools/flushtrace/timeline/page_tables.hpp"

#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

/// Of one record's fields in a table; `flushtrace dump` has all of them.
constexpr size_t cell_bytes_max = 300;

/// An element with text in it.
std::string element(std::string_view name, std::string_view text,
                    std::string_view classes = {}) {
  std::string html = "<" + std::string{name};
  if (!classes.empty())
    html += " class=\"" + std::string{classes} + '"';
  return html + '>' + html_text(text) + "</" + std::string{name} + '>';
}

std::string number_cell(uint64_t x) {
  return element("td", std::to_string(x), "n");
}

/// A count whose name stands beside it where there is no room for columns.
std::string count_cell(const char* name, uint64_t x, bool is_bad = false) {
  return std::string{"<td data-name=\""} + name + "\" class=\"n count"
         + (is_bad ? " bad" : "") + "\">" + std::to_string(x) + "</td>";
}

std::string_view verdict_class(const event_span& x) {
  return x.outcome.is_missed() ? "missed" : x.row.end_ns ? "fine" : "open";
}

std::string fields_of(const record_parts& x) {
  auto text = x.type;
  if (!x.fields.empty())
    text += x.type.empty() ? x.fields : '(' + x.fields + ')';
  if (text.size() > cell_bytes_max)
    text = text.substr(0, cell_bytes_max) + " …";
  return text;
}

void add_record_row(std::string& to, const process_trace& of,
                    const record_printer& printer, const record& x) {
  const auto parts = printer.parts(x);
  to += "<tr>" + number_cell(x.sequence)
        + element("td", since_start(of, x.time_ns), "n")
        + element("td", printable(of.content.name_of(x.actor)))
        + element("td", parts.kind) + element("td", fields_of(parts), "f")
        + element("td", x.cause == 0 ? "" : std::to_string(x.cause), "n")
        + "</tr>\n";
}

/// Empty where nothing is missed: what is worth a word beside is no cause.
std::string cause_line(const event_span& x) {
  return x.outcome.is_missed() && !x.findings.empty()
             ? element("span", x.findings.front().what->id, "why")
             : "";
}

} // namespace

std::string html_text(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    switch (c) {
    case '&':
      html += "&amp;";
      break;
    case '<':
      html += "&lt;";
      break;
    case '>':
      html += "&gt;";
      break;
    case '"':
      html += "&quot;";
      break;
    case '\'':
      html += "&#39;";
      break;
    case '\0':
      html += '?';
      break;
    default:
      html += c;
    }
  }
  return html;
}

std::string event_rows(const process_trace& of, const activity& seen,
                       const page_selection& kept, size_t process) {
  std::string html;
  for (const auto i : kept.events) {
    const auto& x = seen.events[i];
    const auto& row = x.row;
    html += "<tr data-process=\"" + std::to_string(process) + "\" data-event=\""
            + std::to_string(row.event) + "\">";
    html += number_cell(row.event);
    html += element("td", row.kind);
    html += element("td", wall_text(of, row.begin_ns), "n");
    html +=
        "<td class=\"judged\">"
        + element("span", x.verdict, "verdict " + std::string{verdict_class(x)})
        + cause_line(x) + "</td>";
    html += count_cell("received", row.received)
            + count_cell("accepted", row.accepted)
            + count_cell("dropped", row.dropped, row.dropped > 0)
            + count_cell("held after", row.held,
                         row.held > 0 && x.outcome.is_missed());
    html += element("td", sentence_of(x), "said");
    html += element("td", printable(row.request_id), "id");
    html += "</tr>\n";
  }
  return html;
}

std::string record_tables(const process_trace& of, const activity& seen,
                          size_t process, size_t& rows_left) {
  std::vector<const event_span*> wanted;
  for (const auto& x : seen.events)
    if (x.outcome.is_missed())
      wanted.push_back(&x);
  if (wanted.empty() && !seen.events.empty())
    wanted.push_back(&seen.events.back());
  std::reverse(wanted.begin(), wanted.end());
  const record_printer printer{of};
  std::string html;
  for (const auto* x : wanted) {
    const size_t count = x->last + size_t{1} - x->first;
    if (count > rows_left) { // a smaller one may fit
      const auto number = std::to_string(x->row.event);
      html += "<p class=\"note\">Event " + number + ", " + html_text(x->verdict)
              + ": its " + std::to_string(count)
              + " records have no room here; <code>flushtrace dump --event "
              + number + "</code> shows them.</p>\n";
      continue;
    }
    rows_left -= count;
    const auto id =
        std::to_string(process) + '-' + std::to_string(x->row.event);
    html +=
        "<details class=\"records\" id=\"records-" + id + "\"><summary>"
        + html_text("Event " + std::to_string(x->row.event) + ", " + x->verdict
                    + ": " + std::to_string(count) + " records")
        + "</summary><div class=\"wide\"><table><thead><tr>"
          "<th class=\"n\">Record<th class=\"n\">Time, s<th>Actor"
          "<th>Kind<th>What<th class=\"n\">Cause</thead><tbody>\n";
    for (auto i = x->first; i <= x->last; ++i)
      add_record_row(html, of, printer, of.content.records[i]);
    html += "</tbody></table></div></details>\n";
  }
  return html;
}

} // namespace flushtrace
