// Decides what of a text may be shown: words of Lambda's and our own protocols
// stay, request ids become others, addresses lose their hosts, everything else
// becomes a hash.
#pragma once

#include "tools/flushtrace/verbs.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

class text_redactor {
public:
  /// @param key of pseudonyms: who has it can try out what stands behind one
  text_redactor(uint64_t key, std::vector<kept_part> kept);

  bool keeps(kept_part x) const noexcept;

  /// What is shown in a text's place; empty: only its hash.
  std::string shown(std::string_view text) const;

  /// A masked body of a protocol, as long as it was: with other ids, and of
  /// texts in it, as a function's name is one, with the words alone that are
  /// nobody's.
  std::string shown_body(std::string_view masked) const;

  uint32_t hash(std::string_view text) const;

  /// A setting's value: numbers, known words and addresses of the sandbox
  /// itself stay.
  std::string shown_value(std::string_view value) const;

private:
  void replace_ids(std::string& in) const;
  std::string pseudonym(std::string_view uuid) const;
  std::string address(std::string_view url) const;

  uint64_t key_;
  std::vector<kept_part> kept_;
};

} // namespace flushtrace
