// Comparing two rows of records; see record_matcher.hpp.
#include "tools/flushtrace/replay/record_matcher.hpp"

#include "runtime/trace/wire.hpp"

namespace flushtrace {

namespace {

using apm::trace::record_kind;

uint8_t flags_of(const record& x) {
  apm::trace::byte_reader in{x.payload};
  in.u();
  return in.byte();
}

} // namespace

record_matcher::record_matcher(const recorded_run& run, strictness how,
                               std::string_view image)
    : run_(run), image_(image), compare_(*run.of, {how}), cursor_(image) {}

matched record_matcher::next(bool is_input) {
  got_ = cursor_.next();
  if (got_ == nullptr)
    return matched::none;
  if (at_ == run_.records)
    return matched::beyond;
  want_ = &run_.all()[at_];
  if (compare_.is_new(*got_))
    learn();
  const bool is_from_port = is_input || is_port_effect(*want_);
  if (!is_same_cause(*want_, *got_)
      || !compare_.is_same(*want_, *got_, is_from_port))
    return matched::different;
  accept();
  return matched::same;
}

void record_matcher::accept() {
  replayed_.push_back(got_->sequence);
  ++at_;
}

std::vector<field_difference> record_matcher::differences() {
  learn();
  return compare_.differences(*want_, *got_);
}

std::string record_matcher::describe_got() {
  learn();
  return compare_.describe(*got_);
}

bool record_matcher::is_port_effect(const record& x) const {
  return is_kind(x, record_kind::enqueued) && x.cause != 0
         && (flags_of(x) & apm::trace::is_from_outside) != 0;
}

bool record_matcher::is_same_cause(const record& want,
                                   const record& got) const {
  if (want.cause == 0 || got.cause == 0)
    return want.cause == got.cause;
  const auto place = place_of(run_.all(), want.cause);
  if (place >= at_ || run_.all()[place].sequence != want.cause)
    return true; // so far back that the record does not say which
  return replayed_[place] == got.cause;
}

void record_matcher::learn() {
  // Of the first slot alone: it is the dictionary that is wanted.
  auto found = apm::trace::read_ring(image_, {1, 2});
  if (found)
    compare_.learn(std::move(found.value().dictionary));
}

} // namespace flushtrace
