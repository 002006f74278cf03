#include "tools/flushtrace/command_line/completion.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <vector>

namespace flushtrace {

namespace {

struct option_facts {
  std::vector<std::string> names; ///< with dashes
  std::string what;
  bool takes_value = false;
  std::string words; ///< that the value can be, separated by blanks
};

struct verb_facts {
  std::string name;
  std::string what;
  std::vector<option_facts> options;
  std::string words; ///< of what has no dashes
};

std::string words_in(const std::string& type) {
  if (type.find('|') == std::string::npos)
    return {};
  auto words = type;
  std::replace(words.begin(), words.end(), '|', ' ');
  return words;
}

verb_facts facts_of(const CLI::App& of) {
  verb_facts verb;
  verb.name = of.get_name();
  verb.what = of.get_description();
  for (const auto* option : of.get_options()) {
    if (option->get_positional()) {
      verb.words = words_in(option->get_type_name());
      continue;
    }
    option_facts x;
    for (const auto& name : option->get_lnames())
      x.names.push_back("--" + name);
    for (const auto& name : option->get_snames())
      x.names.push_back('-' + name);
    x.what = option->get_description();
    x.takes_value = option->get_items_expected_max() > 0;
    x.words = words_in(option->get_type_name());
    verb.options.push_back(std::move(x));
  }
  return verb;
}

std::vector<verb_facts> verbs_of(const CLI::App& of) {
  std::vector<verb_facts> verbs;
  for (const auto* x :
       of.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(facts_of(*x));
    // What belongs to no verb may stand behind one, too.
    for (auto& option : facts_of(of).options)
      if (option.takes_value)
        verbs.back().options.push_back(std::move(option));
  }
  return verbs;
}

/// In single quotes; `doubled` is how the shell writes one within.
std::string quoted(const std::string& text, const char* doubled) {
  std::string made = "'";
  for (const char c : text)
    made += c == '\'' ? std::string{doubled} : std::string{c};
  return made + '\'';
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& x : names)
    text += (text.empty() ? "" : " ") + x;
  return text;
}

// -- bash ---------------------------------------------------------------------

std::string bash_value(const std::string& verb, const option_facts& x) {
  std::string patterns;
  for (const auto& name : x.names)
    patterns +=
        (patterns.empty() ? "" : " | ") + quoted(verb + ' ' + name, "'\\''");
  return "    " + patterns + ")\n      "
         + (x.words.empty() ? "return ;;\n" : "words='" + x.words + "' ;;\n");
}

/// *Source:* bash(1), "Programmable Completion". Where nothing is offered
/// `-o default` completes files.
std::string bash_script(const CLI::App& of) {
  std::string verbs;
  std::string values;
  std::string options = "    '')\n      words='";
  for (const auto& x : facts_of(of).options)
    options += joined(x.names) + ' ';
  options += "' ;;\n";
  std::string words;
  for (const auto& option : facts_of(of).options)
    if (option.takes_value)
      values += bash_value("", option);
  for (const auto& verb : verbs_of(of)) {
    verbs += (verbs.empty() ? "" : " ") + verb.name;
    options += "    " + verb.name + ")\n      words='";
    for (const auto& x : verb.options) {
      options += joined(x.names) + ' ';
      if (x.takes_value)
        values += bash_value(verb.name, x);
    }
    options += "' ;;\n";
    if (!verb.words.empty())
      words += "    " + verb.name + ") words='" + verb.words + "' ;;\n";
  }
  return "# bash completion for flushtrace, made by: flushtrace completion "
         "bash\n"
         "_flushtrace() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} verb= word words=\n"
         "  local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  COMPREPLY=()\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \" "
         + verbs
         + " \" in\n"
           "      *\" $word \"*) verb=$word; break ;;\n"
           "    esac\n"
           "  done\n"
           "  case \"$verb $previous\" in\n"
         + values
         + "    *)\n"
           "      if [[ $current == -* ]]; then\n"
           "    case $verb in\n"
         + options
         + "    esac\n"
           "      elif [[ -z $verb ]]; then\n"
           "    words='"
         + verbs
         + "'\n"
           "      else\n"
           "    case $verb in\n"
         + words
         + "    *) return ;;\n"
           "    esac\n"
           "      fi ;;\n"
           "  esac\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _flushtrace flushtrace\n";
}

// -- zsh ----------------------------------------------------------------------

/// A clause for _arguments or _describe, which give colons and brackets a
/// meaning.
std::string zsh_text(const std::string& text) {
  std::string made;
  for (const char c : text)
    made += c == ':' || c == '[' || c == ']' || c == '\\'
                ? std::string{"\\"} + c
                : std::string{c};
  return made;
}

std::string zsh_option(const option_facts& x) {
  std::string text;
  const std::string value = !x.takes_value
                                ? ""
                                : ":value:"
                                      + (x.words.empty() ? std::string{"_files"}
                                                         : '(' + x.words + ')');
  for (const auto& name : x.names)
    text +=
        " \\\n        "
        + quoted("*" + name + '[' + zsh_text(x.what) + ']' + value, "'\\''");
  return text;
}

/// *Source:* zshcompsys(1), _arguments and _describe.
std::string zsh_script(const CLI::App& of) {
  std::string verbs;
  std::string cases;
  for (const auto& verb : verbs_of(of)) {
    verbs +=
        "    " + quoted(verb.name + ':' + zsh_text(verb.what), "'\\''") + '\n';
    cases += "    " + verb.name + ")\n      _arguments";
    for (const auto& x : verb.options)
      cases += zsh_option(x);
    cases += " \\\n        "
             + quoted("*:what:"
                          + (verb.words.empty() ? std::string{"_files"}
                                                : '(' + verb.words + ')'),
                      "'\\''")
             + " ;;\n";
  }
  return "#compdef flushtrace\n"
         "# zsh completion for flushtrace, made by: flushtrace completion zsh\n"
         "_flushtrace() {\n"
         "  local -a verbs=(\n"
         + verbs
         + "  )\n"
           "  if ((CURRENT == 2)); then\n"
           "    _describe verb verbs\n"
           "    return\n"
           "  fi\n"
           "  local verb=$words[2]\n"
           "  shift words\n"
           "  ((CURRENT--))\n"
           "  case $verb in\n"
         + cases
         + "  esac\n"
           "}\n"
           "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
           "  _flushtrace \"$@\"\n"
           "else\n"
           "  compdef _flushtrace flushtrace\n"
           "fi\n";
}

// -- fish ---------------------------------------------------------------------

std::string fish_option(const std::string& condition, const option_facts& x) {
  std::string text = "complete -c flushtrace -n " + condition;
  for (const auto& name : x.names)
    text += name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2)
                                          : " -s " + name.substr(1);
  if (x.takes_value)
    text += x.words.empty() ? std::string{" -r"}
                            : " -x -a " + quoted(x.words, "\\'");
  return text + " -d " + quoted(x.what, "\\'") + '\n';
}

/// *Source:* fish's manual, "complete".
std::string fish_script(const CLI::App& of) {
  std::string text =
      "# fish completion for flushtrace, made by: flushtrace completion fish\n";
  for (const auto& x : facts_of(of).options)
    text += fish_option("__fish_use_subcommand", x);
  for (const auto& verb : verbs_of(of)) {
    const auto condition = "'__fish_seen_subcommand_from " + verb.name + '\'';
    text += "complete -c flushtrace -f -n __fish_use_subcommand -a " + verb.name
            + " -d " + quoted(verb.what, "\\'") + '\n';
    if (!verb.words.empty())
      text += "complete -c flushtrace -f -n " + condition + " -a "
              + quoted(verb.words, "\\'") + '\n';
    for (const auto& x : verb.options)
      text += fish_option(condition, x);
  }
  return text;
}

} // namespace

std::string completion_script(const CLI::App& of, shell_kind shell) {
  switch (shell) {
  case shell_kind::bash:
    return bash_script(of);
  case shell_kind::zsh:
    return zsh_script(of);
  case shell_kind::fish:
    break;
  }
  return fish_script(of);
}

} // namespace flushtrace
