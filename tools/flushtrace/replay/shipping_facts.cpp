#include "tools/flushtrace/replay/shipping_facts.hpp"

#include <charconv>

namespace flushtrace {

namespace {

uint64_t number_in(std::chrono::milliseconds x) {
  return static_cast<uint64_t>(x.count());
}

uint64_t number_in(uint64_t x) {
  return x;
}

void set(std::chrono::milliseconds& x, uint64_t number) {
  x = std::chrono::milliseconds{number};
}

template <class T>
void set(T& x, uint64_t number) {
  x = static_cast<T>(number);
}

template <class Policy, class F>
void for_each_figure(Policy& x, F f) {
  f("ship_interval", x.ship_interval);
  f("ship_bytes", x.ship_bytes);
  f("shutdown_retries", x.shutdown_retries);
  f("first_retry", x.first_retry);
  f("has_breaker", x.has_breaker);
  f("grace", x.grace);
  f("probe_patience_max", x.probe_patience_max);
}

std::string name_of(const char* figure) {
  return std::string{shipping_fact} + figure;
}

} // namespace

std::vector<std::string> shipping_facts(const apm::shipping_policy& x) {
  std::vector<uint64_t> usual;
  const apm::shipping_policy policy;
  for_each_figure(policy, [&](const char*, const auto& value) {
    usual.push_back(number_in(value));
  });
  std::vector<std::string> facts;
  size_t i = 0;
  for_each_figure(x, [&](const char* figure, const auto& value) {
    const auto number = number_in(value);
    if (number != usual[i++])
      facts.push_back(name_of(figure) + '=' + std::to_string(number));
  });
  return facts;
}

apm::shipping_policy shipping_of(const trace& x) {
  apm::shipping_policy policy;
  for_each_figure(policy, [&](const char* figure, auto& value) {
    const auto text = x.fact(name_of(figure));
    uint64_t number = 0;
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc{} && read.ptr == text.data() + text.size())
      set(value, number);
  });
  return policy;
}

} // namespace flushtrace
