// An immutable, shared run of bytes: bodies and intake lines travel between
// actors as `bytes`, so that handing one on never copies it and what the outbox
// owns can be in a child's hands at the same time.
//
//   bytes body{std::move(text)};
//   bytes first = body.slice(0, 10); // shares the storage of `body`
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "caf/meta/type_name.hpp"

namespace apm {

/// A view into shared, immutable storage; copying it copies a pointer.
class bytes {
public:
  bytes() = default;

  explicit bytes(std::string text)
      : storage_(std::make_shared<const std::string>(std::move(text))),
        view_(*storage_) {
    // nop
  }

  std::string_view view() const noexcept { return view_; }

  size_t size() const noexcept { return view_.size(); }

  bool empty() const noexcept { return view_.empty(); }

  /// The part of at most `length` bytes from `offset`, on the same storage.
  bytes slice(size_t offset, size_t length = std::string_view::npos) const {
    bytes part;
    part.storage_ = storage_;
    part.view_ = view_.substr(offset, length);
    return part;
  }

  friend bool operator==(const bytes& x, const bytes& y) noexcept {
    return x.view_ == y.view_;
  }

  friend bool operator!=(const bytes& x, const bytes& y) noexcept {
    return x.view_ != y.view_;
  }

private:
  std::shared_ptr<const std::string> storage_;
  std::string_view view_;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bytes& x) {
  std::string text{x.view()};
  if constexpr (Inspector::writes_state) {
    auto outcome = f(caf::meta::type_name("bytes"), text);
    x = bytes{std::move(text)};
    return outcome;
  } else {
    return f(caf::meta::type_name("bytes"), text);
  }
}

} // namespace apm
