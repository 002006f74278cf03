// dump: records, one line each, in the form that is asked for.
#include "tools/flushtrace/columns.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <ostream>

namespace flushtrace {

namespace {

using apm::trace::entry_kind;

/// Of CSV, where no fields are asked for.
constexpr const char* csv_fields =
    "process,number,time,dt,actor,kind,type,parent,event,payload";

template <class Text>
bool is_one_of(const std::vector<std::string>& wanted, const Text& x) {
  return wanted.empty()
         || std::find(wanted.begin(), wanted.end(), x) != wanted.end();
}

/// Tells which records are wanted.
class selection {
public:
  selection(const dump_options& options, const process_trace& of)
      : options_(options), of_(of) {
    if (options.event == 0)
      return;
    last_ = 0;
    for (const auto& x : events_of(of.content)) {
      if (x.event == options.event)
        first_ = x.record;
      if (x.event == options.event)
        last_ = UINT64_MAX;
      else if (first_ != 0 && x.event == options.event + 1)
        last_ = x.record - 1;
    }
  }

  bool holds(const record& x) const {
    if (x.sequence < std::max(first_, options_.first)
        || x.sequence > std::min(last_, options_.last))
      return false;
    const auto schema =
        apm::trace::schema_of(static_cast<apm::trace::record_kind>(x.kind));
    const auto* role = of_.content.find(entry_kind::role, x.actor.role());
    return is_one_of(options_.kinds, schema.substr(0, schema.find(' ')))
           && (options_.actors.empty()
               || (role != nullptr && is_one_of(options_.actors, role->text)));
  }

private:
  const dump_options& options_;
  const process_trace& of_;
  uint64_t first_ = 0;
  uint64_t last_ = UINT64_MAX;
};

/// Writes records in one form.
class record_writer {
public:
  record_writer(const dump_options& options, std::vector<column> columns,
                streams to)
      : form_(options.form), columns_(std::move(columns)), to_(to) {}

  void write_head() const {
    if (columns_.empty() || form_ == dump_form::json)
      return;
    std::string line;
    for (const auto& x : columns_)
      append(line, x, x.name);
    end(line);
  }

  void write(const record_printer& printer, record_facts& facts) const {
    const auto& x = facts.current();
    if (columns_.empty()) {
      to_.out << (form_ == dump_form::json ? printer.json(x)
                                           : printer.text(x, to_.is_coloured))
              << '\n';
      return;
    }
    std::string line;
    for (const auto& each : columns_) {
      if (form_ == dump_form::json)
        line += (line.empty() ? "{\"" : ",\"") + each.name
                + "\":" + cell(each, facts, column_form::json);
      else
        append(line, each, cell(each, facts, column_form::text));
    }
    if (form_ == dump_form::json)
      line += '}';
    end(line);
  }

private:
  void append(std::string& line, const column& of,
              const std::string& text) const {
    const bool is_first = &of == &columns_.front();
    if (form_ == dump_form::csv) {
      line += (is_first ? "" : ",") + csv_text(text);
      return;
    }
    line += (is_first ? "" : "  ") + text;
    if (text.size() < width_of(of))
      line.append(width_of(of) - text.size(), ' ');
  }

  void end(std::string& line) const {
    if (form_ == dump_form::text) // blanks that only fill a column up
      line.erase(line.find_last_not_of(' ') + 1);
    to_.out << line << '\n';
  }

  dump_form form_;
  std::vector<column> columns_;
  streams to_;
};

/// Says which of the kinds that are asked for is none.
bool are_kinds_known(const dump_options& options, std::ostream& trouble) {
  const auto known = words_of({field_kind::kind, {}});
  for (const auto& kind : options.kinds) {
    if (std::find(known.begin(), known.end(), kind) != known.end())
      continue;
    trouble << "flushtrace: --kind: '" << printable(kind)
            << "' is none; possible are";
    for (const auto& x : known)
      trouble << ' ' << x;
    trouble << '\n';
    return false;
  }
  return true;
}

/// The columns that are asked for; says what is wrong with them.
std::optional<std::vector<column>> read_columns(const dump_options& options,
                                                streams to) {
  const std::string list =
      options.fields.empty() && options.form == dump_form::csv ? csv_fields
                                                               : options.fields;
  if (list.empty())
    return std::vector<column>{};
  auto columns = parse_columns(list);
  if (!columns) {
    to.trouble << "flushtrace: --fields: " << columns.error().detail << '\n';
    return {};
  }
  return std::move(columns.value());
}

} // namespace

int run_dump(const dump_options& given, streams to) {
  auto options = given;
  if (options.is_json)
    options.form = dump_form::json;
  const auto wanted = read_filter(options.filter, to);
  auto columns = read_columns(options, to);
  if (!wanted || !columns || !are_kinds_known(options, to.trouble))
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  if (!is_event_there(traces, options.event, to.trouble))
    return exit_usage;
  const bool shows_words =
      std::any_of(columns->begin(), columns->end(), [](const column& x) {
        return x.field.kind == field_kind::cause
               || x.field.kind == field_kind::verdict;
      });
  const record_writer writer{options, std::move(*columns), to};
  writer.write_head();
  size_t written = 0;
  for (const auto& process : traces.processes) {
    const record_printer printer{process};
    const selection chosen{options, process};
    record_facts facts{process, shows_words ? find_words(process)
                                            : words_for(*wanted, process)};
    const auto& records = process.content.records;
    for (const auto& x : records) {
      facts.go_to(x);
      if (to.progress != nullptr && !to.is_terminal)
        to.progress->step("record",
                          static_cast<uint64_t>(&x - records.data()) + 1,
                          records.size());
      if (!chosen.holds(x) || !wanted->holds(facts))
        continue;
      writer.write(printer, facts);
      ++written;
    }
  }
  if (to.progress != nullptr)
    to.progress->clear();
  if (written == 0)
    to.trouble << "flushtrace: no record fits what is asked for\n";
  return status_beside(traces, exit_clean);
}

} // namespace flushtrace
