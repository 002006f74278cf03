#include "runtime/ports/agent_listener.hpp"

#include "runtime/formats/compression.hpp"
#include "runtime/formats/intake_scan.hpp"
#include "runtime/formats/transaction_registration.hpp"

#include <boost/beast/core/string.hpp>

#include "caf/send.hpp"

namespace apm {

namespace {

constexpr std::string_view intake_path = "/intake/v2/events";
constexpr std::string_view register_path = "/register/transaction";
constexpr std::string_view register_type =
    "application/vnd.elastic.apm.transaction+ndjson";

/// Bodies that are unpacked and not in the outbox yet come to this, and one
/// more: those of many connections may become whole within one turn.
constexpr uint64_t unpacked_bytes_max = 1024 * 1024;

/// What a turn unpacks at most, and one body more: some milliseconds.
constexpr uint64_t turn_bytes_max = 1024 * 1024;

/// Ids of bodies that were cut off, which no peer waits for: above all that the
/// server gives.
constexpr uint64_t first_cut_id = uint64_t{1} << 63;

bool is_intake(const server_request& request) {
  return request.method == "POST" && request.path() == intake_path;
}

bool is_registration(const server_request& request) {
  return request.method == "POST" && request.path() == register_path;
}

/// Whether a Content-Type is `wanted`, parameters and case aside.
bool is_media_type(std::string_view header, std::string_view wanted) {
  header = header.substr(0, header.find(';'));
  while (!header.empty() && header.back() == ' ')
    header.remove_suffix(1);
  return boost::beast::iequals({header.data(), header.size()},
                               {wanted.data(), wanted.size()});
}

/// Whether `name=value` is one of the parameters of a query.
bool has_parameter(std::string_view query, std::string_view wanted) {
  while (!query.empty()) {
    const auto end = query.find('&');
    if (query.substr(0, end) == wanted)
      return true;
    if (end == std::string_view::npos)
      break;
    query.remove_prefix(end + 1);
  }
  return false;
}

uint16_t status_of(errc code) {
  switch (code) {
  case errc::unsupported_encoding:
    return 415;
  case errc::too_large:
    return 413;
  default:
    return 400;
  }
}

/// The most that may have to be looked at for this body.
uint64_t work_of(const server_request& request, uint64_t bytes_max) {
  const auto encoding =
      parse_content_encoding(request.header("Content-Encoding"));
  const bool is_packed =
      encoding && encoding.value() != content_encoding::identity;
  return is_packed ? unpacked_bytes_limit(request.body, bytes_max)
                   : request.body.size();
}

/// The body with its encoding undone.
result<std::string> unpack(server_request& request, uint64_t bytes_max) {
  auto encoding = parse_content_encoding(request.header("Content-Encoding"));
  if (!encoding)
    return encoding.error();
  if (encoding.value() == content_encoding::identity)
    return std::move(request.body);
  return decompress(encoding.value(), request.body, bytes_max);
}

/// Undoes the encoding and looks the body through.
result<intake_body> read_intake(server_request& request, uint64_t bytes_max,
                                std::string_view sound_metadata) {
  auto body = unpack(request, bytes_max);
  if (!body)
    return body.error();
  if (body.value().empty())
    return intake_body{}; // a flush signal alone, whatever its headers say
  return scan_intake(bytes{std::move(body.value())}, sound_metadata);
}

/// The whole lines of a body that was cut off; nothing where they are unsound.
intake_body read_cut_intake(server_request& cut, uint64_t bytes_max) {
  auto encoding = parse_content_encoding(cut.header("Content-Encoding"));
  if (!encoding)
    return {};
  std::string text = std::move(cut.body);
  const auto size = prefix_bytes(encoding.value(), text, bytes_max, '\n');
  if (encoding.value() == content_encoding::identity)
    text.resize(size);
  else
    text = decompress_prefix(encoding.value(), text, size);
  auto body = scan_intake(bytes{std::move(text)});
  return body ? std::move(body.value()) : intake_body{};
}

agent_intake make_intake(uint64_t id, std::string_view user_agent,
                         intake_body body) {
  agent_intake intake;
  intake.id = id;
  intake.user_agent = user_agent;
  intake.metadata = std::move(body.metadata);
  intake.events = std::move(body.events);
  intake.lines = body.lines;
  intake.transactions = std::move(body.transactions);
  return intake;
}

} // namespace

agent_listener::agent_listener(loop& owner, const http_server_options& options)
    : server_(
        owner, options,
        [this](server_request request) { on_request(std::move(request)); },
        [this](const server_refusal& x) {
          report(x.status, x.reason, x.body_bytes);
        }),
      body_bytes_max_(options.body_bytes_max),
      next_cut_id_(first_cut_id),
      loop_(owner) {
  http_server_observer observer;
  observer.on_begun = [this](const server_request& begun) {
    if (is_intake(begun))
      note_open(1);
  };
  observer.on_cut = [this](server_request cut) {
    if (is_intake(cut))
      enqueue({std::move(cut), true});
  };
  observer.on_answered = [this](uint64_t id) { on_answered(id); };
  server_.observe(std::move(observer));
}

agent_listener::~agent_listener() {
  loop_.timers().cancel(timer_);
}

void agent_listener::on_request(server_request request) {
  if (is_intake(request) || is_registration(request))
    return enqueue({std::move(request), false});
  agent_relay relay;
  relay.id = request.id;
  relay.method = std::move(request.method);
  relay.target = std::move(request.target);
  relay.headers = std::move(request.headers);
  relay.body = bytes{std::move(request.body)};
  caf::anon_send(coordinator_, std::move(relay));
}

void agent_listener::enqueue(waiting_body x) {
  if (x.is_cut) {
    // The server counts those that wait for an answer; these it does not know.
    if (waiting_cut_bytes_ + x.request.body.size() > body_bytes_max_) {
      report(503, "too many bodies were cut off at once",
             x.request.body.size());
      return note_open(-1);
    }
    waiting_cut_bytes_ += x.request.body.size();
  }
  waiting_.push_back(std::move(x));
  take_waiting();
}

/// In the order in which they came, as many as may be held unpacked, and as a
/// turn has time for.
void agent_listener::take_waiting() {
  if (is_taking_ || is_resting_)
    return; // a refusal is an answer, too
  is_taking_ = true;
  uint64_t work = 0;
  while (!waiting_.empty() && unpacked_bytes_ < unpacked_bytes_max
         && work < turn_bytes_max) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    work += work_of(next.request, body_bytes_max_);
    if (next.is_cut)
      take_cut(std::move(next.request));
    else if (is_intake(next.request))
      take_intake(std::move(next.request));
    else
      take_registration(std::move(next.request));
  }
  is_taking_ = false;
  if (work >= turn_bytes_max && !waiting_.empty())
    rest();
}

/// Lets the loop look at all else first.
void agent_listener::rest() {
  is_resting_ = true;
  timer_ = loop_.timers().set(loop_.time().now(), [this] {
    is_resting_ = false;
    take_waiting();
  });
}

void agent_listener::on_answered(uint64_t id) {
  const auto node = unpacked_.extract(id);
  if (!node)
    return;
  unpacked_bytes_ -= node.mapped();
  take_waiting();
}

void agent_listener::note_unpacked(uint64_t id, uint64_t size) {
  unpacked_.emplace(id, size);
  unpacked_bytes_ += size;
}

void agent_listener::hand_over(agent_intake intake) {
  note_unpacked(intake.id, intake.metadata.size() + intake.events.size());
  caf::anon_send(coordinator_, std::move(intake));
}

/// Of a body that was refused nothing else is left: no other signal may come.
void agent_listener::pass_on_signal() {
  agent_intake signal;
  signal.is_flushed = true;
  caf::anon_send(coordinator_, std::move(signal));
}

void agent_listener::take_intake(server_request request) {
  const uint64_t body_bytes = request.body.size();
  const bool is_flushed = has_parameter(request.query(), "flushed=true");
  auto read = read_intake(request, body_bytes_max_, sound_metadata_);
  if (read) {
    note_metadata(read.value().metadata);
    auto intake = make_intake(request.id, request.header("User-Agent"),
                              std::move(read.value()));
    intake.is_flushed = is_flushed;
    hand_over(std::move(intake));
  } else {
    refuse(request.id, status_of(read.error().code), read.error().detail,
           body_bytes);
    if (is_flushed)
      pass_on_signal();
  }
  if (request.has_begun)
    note_open(-1);
}

/// Its peer was killed in the middle of it, as a rule: what came whole is all
/// that will ever come. The metadata line is at its start.
void agent_listener::take_cut(server_request cut) {
  waiting_cut_bytes_ -= cut.body.size();
  auto body = read_cut_intake(cut, body_bytes_max_);
  if (body.lines > 0)
    hand_over(
        make_intake(next_cut_id_++, cut.header("User-Agent"), std::move(body)));
  note_open(-1);
}

/// A copy: what came is a part of its body, and would keep all of that.
void agent_listener::note_metadata(const bytes& metadata) {
  if (!metadata.empty() && metadata.view() != sound_metadata_)
    sound_metadata_ = metadata.view();
}

void agent_listener::note_open(int change) {
  open_bodies_ += static_cast<uint32_t>(change);
  caf::anon_send(coordinator_, intake_open{open_bodies_});
}

/// *Errors:* 415, 400 and 422 as the protocol has them. Any answer but 200 ends
/// registrations for the life of the agent's process.
void agent_listener::take_registration(server_request request) {
  const uint64_t body_bytes = request.body.size();
  if (!is_media_type(request.header("Content-Type"), register_type))
    return refuse(request.id, 415,
                  "a registration's Content-Type must be "
                      + std::string{register_type},
                  body_bytes);
  const std::string request_id{request.header("x-elastic-aws-request-id")};
  if (request_id.empty())
    return refuse(request.id, 400,
                  "a registration needs the header x-elastic-aws-request-id",
                  body_bytes);
  auto body = unpack(request, body_bytes_max_);
  auto parsed =
      body ? parse_registration(bytes{std::move(body.value())}, sound_metadata_)
           : result<registration_body>{body.error()};
  if (!parsed)
    return refuse(request.id, 422, parsed.error().detail, body_bytes);
  note_metadata(parsed.value().metadata);
  transaction_registered x;
  x.id = request.id;
  x.request_id = request_id;
  x.transaction_id = std::move(parsed.value().transaction_id);
  x.user_agent = request.header("User-Agent");
  x.metadata = std::move(parsed.value().metadata);
  x.line = std::move(parsed.value().line);
  note_unpacked(x.id, x.metadata.size() + x.line.size());
  caf::anon_send(coordinator_, std::move(x));
}

void agent_listener::refuse(uint64_t id, uint16_t status,
                            const std::string& reason, uint64_t body_bytes) {
  report(status, reason, body_bytes);
  server_.answer(id, status, {{"Content-Type", "text/plain; charset=utf-8"}},
                 bytes{reason + '\n'});
}

void agent_listener::report(uint16_t status, const std::string& reason,
                            uint64_t body_bytes) {
  caf::anon_send(coordinator_,
                 input_refused{"agent", status, reason, body_bytes});
}

} // namespace apm
