// The schemas of the kinds of records; FORMAT.md says what they mean.
#include "runtime/trace/record.hpp"

namespace apm::trace {

std::string_view schema_of(record_kind kind) noexcept {
  switch (kind) {
  case record_kind::none:
    break;
  case record_kind::born:
    return "born";
  case record_kind::exited:
    return "exited category:u code:u";
  case record_kind::enqueued:
    return "enqueued type:u flags:u";
  case record_kind::handled:
    return "handled";
  case record_kind::not_consumed:
    return "not_consumed result:u";
  case record_kind::wall_read:
    return "wall_read wall_ms:i";
  case record_kind::random_draw:
    return "random_draw value:u";
  case record_kind::clock_anchor:
    return "clock_anchor monotonic:i real:i boot:i";
  case record_kind::process_end:
    return "process_end exit_code:i";
  case record_kind::event_begin:
    return "event_begin event:u kind:u request_id:s deadline:t";
  case record_kind::winner:
    return "winner event:u signal:u slack:i";
  case record_kind::late_signal:
    return "late_signal event:u signal:u current:u";
  case record_kind::flush_begin:
    return "flush_begin event:u lines:u bytes:u lease:u is_breaker_open:b "
           "budget:i";
  case record_kind::flush_end:
    return "flush_end event:u lines:u bytes:u why:u";
  case record_kind::ledger:
    return "ledger event:u received:u accepted:u dropped:[u] held:u "
           "all_received:u all_accepted:u all_dropped:u all_held:u "
           "platform_records:u platform_bytes:u";
  case record_kind::dropped:
    return "dropped event:u reason:u lines:u";
  case record_kind::buffer:
    return "buffer lines:u bytes:u bytes_max:u inbox_bytes:u";
  case record_kind::post:
    return "post status:u failure:u name_us:i connect_us:i tls_us:i sent_us:i "
           "first_byte_us:i total_us:i is_reused:b bytes_out:u bytes_in:u";
  case record_kind::breaker:
    return "breaker is_open:b probe_at:t";
  case record_kind::verdict:
    return "verdict event:u outcomes:u lost:u delayed:u rejected:u";
  }
  return {};
}

} // namespace apm::trace
