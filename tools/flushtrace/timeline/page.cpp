#include "tools/flushtrace/timeline/page.hpp"

#include "runtime/formats/base64.hpp"
#include "runtime/formats/compression.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/page_data.hpp"
#include "tools/flushtrace/timeline/page_parts.hpp"
#include "tools/flushtrace/timeline/page_tables.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <openssl/sha.h>

namespace flushtrace {

namespace {

/// Record rows of all tables: 300 bytes each, half of the megabyte that a page
/// of 10 000 records may have.
constexpr size_t table_rows_max = 1500;

/// The page is made once and read often.
constexpr int packing_level = 9;

/// A Content Security Policy's source: this text and no other.
std::string source_hash(std::string_view text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return "'sha256-" + apm::encode_base64(digest) + '\'';
}

/// Puts a text where the template has `{{name}}`, in one pass, so that nothing
/// in a text is taken for a place.
class template_filler {
public:
  void set(std::string name, std::string text) {
    texts_.emplace_back(std::move(name), std::move(text));
  }

  std::string fill(std::string_view from) const {
    std::string to;
    while (true) {
      const auto begin = from.find("{{");
      const auto end = from.find("}}", begin);
      if (begin == std::string_view::npos || end == std::string_view::npos)
        return to.append(from);
      to.append(from.substr(0, begin));
      const auto name = from.substr(begin + 2, end - begin - 2);
      for (const auto& [known, text] : texts_)
        if (known == name)
          to += text;
      from.remove_prefix(end + 2);
    }
  }

private:
  std::vector<std::pair<std::string, std::string>> texts_;
};

std::string process_text(const process_trace& x) {
  const auto& process = x.content.process;
  std::string text = "Process " + std::to_string(process.process_id)
                     + ", started " + wall_text(x, process.start.monotonic);
  if (const auto version = x.content.fact("version"); !version.empty())
    text += ", version " + printable(version);
  if (!process.is_ended)
    text += ", no end is known";
  if (process.overwritten + process.torn + process.gaps > 0)
    text += "; not there: " + std::to_string(process.overwritten)
            + " slots overwritten, " + std::to_string(process.torn)
            + " records torn, " + std::to_string(process.gaps)
            + " slots damaged";
  return text + '.';
}

std::string settings_list(const process_trace& x) {
  std::string html;
  for (const auto& entry : x.content.dictionary)
    if (entry.kind == apm::trace::entry_kind::configuration)
      html += "<li>" + html_text(printable(entry.text)) + "</li>\n";
  return html.empty() ? html : "<ul class=\"settings\">\n" + html + "</ul>\n";
}

} // namespace

apm::result<page> make_page(const std::vector<process_trace>& processes,
                            const page_options& options) {
  page made;
  std::string data;
  std::string rows;
  std::string tables;
  std::string facts;
  size_t rows_left = table_rows_max;
  size_t events = 0;
  size_t missed = 0;
  size_t left = options.records_max;
  for (size_t i = 0; i < processes.size(); ++i) {
    const auto& process = processes[i];
    const auto seen = find_activity(process, options.analysed_by);
    const auto kept = select_records(
        seen, choose_events(process, options.event, options.wanted), left);
    left -= std::min(left, kept.records.size());
    made.records += kept.records.size();
    made.is_whole = made.is_whole && kept.is_whole;
    made.has_events = made.has_events || !kept.events.empty();
    data += (i == 0 ? "[" : ",") + page_data(process, seen, kept);
    rows += event_rows(process, seen, kept, i);
    tables += record_tables(process, seen, i, rows_left);
    facts += "<p>" + html_text(process_text(process)) + "</p>\n"
             + settings_list(process);
    for (const auto& x : seen.events) {
      ++events;
      missed += x.outcome.is_missed() ? 1 : 0;
    }
  }
  data += data.empty() ? "[]" : "]";
  auto packed = apm::gzip_compressor{packing_level}.compress({data});
  if (!packed)
    return packed.error();
  const std::string script{page_parts::script};
  const std::string style{page_parts::style};
  template_filler filler;
  filler.set("policy", "default-src 'none'; script-src " + source_hash(script)
                           + "; style-src " + source_hash(style)
                           + "; base-uri 'none'; form-action 'none'");
  filler.set("style", style);
  filler.set("script", script);
  filler.set("data", apm::encode_base64(packed.value()));
  filler.set("summary", std::to_string(events)
                            + (events == 1 ? " event, " : " events, ")
                            + std::to_string(missed) + " with a missed flush");
  filler.set("events", rows);
  filler.set("records", tables);
  filler.set("facts", facts);
  made.html = filler.fill(page_parts::html);
  return made;
}

} // namespace flushtrace
