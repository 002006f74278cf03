#include "tools/flushtrace/command_line/unknown_verb.hpp"

#include "runtime/config/misspelling.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

/// A slip of the fingers, in a long word two.
size_t distance_max(const std::string& word) {
  constexpr size_t letters_per_slip = 3;
  return std::clamp(word.size() / letters_per_slip, size_t{1}, size_t{2});
}

/// The verb that was probably meant; empty: none is near.
std::string nearest_verb(const CLI::App& app, const std::string& word) {
  std::string best;
  auto least = distance_max(word) + 1;
  for (const auto* each :
       app.get_subcommands([](const CLI::App*) { return true; })) {
    const auto distance = apm::edit_distance(word, each->get_name());
    if (distance < least) {
      least = distance;
      best = each->get_name();
    }
  }
  return best;
}

} // namespace

std::string told_unknown_verb(const CLI::App& app) {
  const auto words = app.remaining();
  const auto word =
      std::find_if(words.begin(), words.end(), [](const std::string& x) {
        return !x.empty() && x.front() != '-';
      });
  if (!app.get_subcommands().empty() || word == words.end())
    return {};
  // Longer than any verb, it is some file, and slow to compare.
  constexpr size_t letters_max = 20;
  const auto meant =
      word->size() > letters_max ? std::string{} : nearest_verb(app, *word);
  return *word + " is no verb; "
         + (meant.empty() ? "--help names them"
                          : "did you mean " + meant + '?');
}

} // namespace flushtrace
