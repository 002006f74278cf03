#include "runtime/delivery/line_sources.hpp"

#include <utility>

namespace apm {

namespace {

uint64_t size_of(const line_source& x) {
  return x.metadata.size() + x.user_agent.size();
}

} // namespace

bool line_sources::by_text::operator()(const line_source& x,
                                       const line_source& y) const {
  const auto order = x.metadata.view().compare(y.metadata.view());
  return order != 0 ? order < 0 : x.user_agent < y.user_agent;
}

source_id line_sources::hold(const line_source& source) {
  if (const auto known = ids_.find(source); known != ids_.end()) {
    hold(known->second);
    return known->second;
  }
  // A copy: the metadata line must not keep the whole body in memory.
  const line_source own{bytes{std::string{source.metadata.view()}},
                        source.user_agent};
  const auto id = next_id_++;
  known_.emplace(id, known_source{own, 1});
  ids_.emplace(own, id);
  bytes_ += size_of(own);
  return id;
}

void line_sources::hold(source_id id) {
  if (const auto known = known_.find(id); known != known_.end())
    ++known->second.uses;
}

void line_sources::release(source_id id) {
  const auto known = known_.find(id);
  if (known == known_.end() || --known->second.uses > 0)
    return;
  bytes_ -= size_of(known->second.source);
  ids_.erase(known->second.source);
  known_.erase(known);
}

void line_sources::show(const line_source& source) {
  const auto id = hold(source);
  newest_bytes_ = size_of(source);
  release(std::exchange(newest_, id));
}

const line_source* line_sources::find(source_id id) const {
  const auto known = known_.find(id);
  return known == known_.end() ? nullptr : &known->second.source;
}

line_source line_sources::get(source_id id) const {
  const auto* const known = find(id);
  return known == nullptr ? line_source{} : *known;
}

} // namespace apm
