// weather: what the machine does to a process, by LD_PRELOAD, so that the
// extension itself is the real one. From the environment:
//
//   WEATHER_CLOCK_AFTER_MS, WEATHER_CLOCK_STEP_MS   so long after the start the
//       wall clock is set forward by so much, or back where it is negative
//   WEATHER_RESOLVE_MS   every host name leads to 127.0.0.1, after so long
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <time.h>

static long variable(const char* name) {
  const char* text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

static long step_ms;
static struct timespec step_at; // monotonic

typedef int (*clock_function)(clockid_t, struct timespec*);
static clock_function real_clock;

static void add_ms(struct timespec* to, long ms) {
  const long long ns = to->tv_nsec + (ms % 1000) * 1000000LL;
  to->tv_sec += ms / 1000;
  to->tv_nsec = (ns % 1000000000 + 1000000000) % 1000000000;
  to->tv_sec += ns < 0 ? -1 : ns / 1000000000;
}

__attribute__((constructor)) static void begin(void) {
  real_clock = (clock_function)dlsym(RTLD_NEXT, "clock_gettime");
  step_ms = variable("WEATHER_CLOCK_STEP_MS");
  real_clock(CLOCK_MONOTONIC, &step_at);
  add_ms(&step_at, variable("WEATHER_CLOCK_AFTER_MS"));
}

int clock_gettime(clockid_t which, struct timespec* to) {
  if (real_clock == NULL)
    begin();
  const int result = real_clock(which, to);
  if (which != CLOCK_REALTIME || step_ms == 0 || result != 0)
    return result;
  struct timespec now;
  real_clock(CLOCK_MONOTONIC, &now);
  if (now.tv_sec > step_at.tv_sec
      || (now.tv_sec == step_at.tv_sec && now.tv_nsec >= step_at.tv_nsec))
    add_ms(to, step_ms);
  return result;
}

typedef int (*resolve_function)(const char*, const char*,
                                const struct addrinfo*, struct addrinfo**);

int getaddrinfo(const char* host, const char* service,
                const struct addrinfo* hints, struct addrinfo** found) {
  const resolve_function real =
      (resolve_function)dlsym(RTLD_NEXT, "getaddrinfo");
  const long delay_ms = variable("WEATHER_RESOLVE_MS");
  if (delay_ms == 0)
    return real(host, service, hints, found);
  const struct timespec delay = {delay_ms / 1000, delay_ms % 1000 * 1000000};
  nanosleep(&delay, NULL);
  return real("127.0.0.1", service, hints, found);
}
