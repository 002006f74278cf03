// Which of two rows belong together: those that are alike, in both rows'
// orders, and between them the first with the first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace flushtrace {

/// Indexes into two rows.
using row_pairs = std::vector<std::pair<size_t, size_t>>;

/// Beyond so many comparisons the n-th of one row is the n-th of the other.
constexpr size_t row_comparisons_max = 10'000;

/// The most that are alike, by dynamic programming.
template <class Alike>
row_pairs common_row(size_t a, size_t b, Alike are_alike) {
  std::vector<std::vector<uint32_t>> longest(a + 1,
                                             std::vector<uint32_t>(b + 1));
  std::vector<std::vector<char>> alike(a, std::vector<char>(b));
  for (size_t i = a; i-- > 0;)
    for (size_t j = b; j-- > 0;) {
      alike[i][j] = are_alike(i, j) ? 1 : 0;
      longest[i][j] = alike[i][j] != 0
                          ? longest[i + 1][j + 1] + 1
                          : std::max(longest[i + 1][j], longest[i][j + 1]);
    }
  row_pairs found;
  for (size_t i = 0, j = 0; i < a && j < b;) {
    if (alike[i][j] != 0)
      found.emplace_back(i++, j++);
    else if (longest[i + 1][j] >= longest[i][j + 1])
      ++i;
    else
      ++j;
  }
  return found;
}

/// *Shape:* ascending in both.
template <class Alike>
row_pairs pair_rows(size_t a, size_t b, Alike are_alike) {
  row_pairs found;
  const auto in_turn = [&](size_t i, size_t j, size_t a_end, size_t b_end) {
    while (i < a_end && j < b_end)
      found.emplace_back(i++, j++);
  };
  if (a == b || a * b > row_comparisons_max) {
    in_turn(0, 0, a, b);
    return found;
  }
  size_t i = 0;
  size_t j = 0;
  for (const auto& [x, y] : common_row(a, b, are_alike)) {
    in_turn(i, j, x, y);
    found.emplace_back(x, y);
    i = x + 1;
    j = y + 1;
  }
  in_turn(i, j, a, b);
  return found;
}

} // namespace flushtrace
