/* floor_forward: the least program that does an extension's main job: it keeps
   the last body that an agent sent, unread, and at the flush signal passes it on
   to the APM Server and asks for its next event. No telemetry, no bound, no
   second try, no error that it would survive: it is of no use but to be measured
   by tools/bench, so that held time, CPU and memory can be read against what is
   possible. */
#define _GNU_SOURCE /* memmem, strcasestr */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { peers_max = 8, request_bytes_max = 256 * 1024 };

struct peer {
  int fd;
  size_t size;
  char request[request_bytes_max];
};

static struct peer peers[peers_max];
static char kept[request_bytes_max];
static size_t kept_size;
static char next[512];
static size_t next_size;
static int api, server;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* "host:port", with or without a scheme before it. */
static int connect_to(const char *place) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  char host[64];
  int port, yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  const char *begin = strstr(place, "//");
  if (sscanf(begin ? begin + 2 : place, "%63[^:]:%d", host, &port) != 2)
    fail(place);
  address.sin_port = htons((uint16_t)port);
  inet_pton(AF_INET, host, &address.sin_addr);
  if (connect(fd, (struct sockaddr *)&address, sizeof address))
    fail(place);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

static int listen_on(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_port = htons((uint16_t)atoi(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8))
    fail("listen");
  return fd;
}

static void say(int fd, const char *text, size_t size) {
  if (write(fd, text, size) != (ssize_t)size)
    fail("write");
}

static void enlist(void) {
  static const char registration[] =
      "POST /2020-01-01/extension/register HTTP/1.1\r\nHost: lambda\r\n"
      "Lambda-Extension-Name: floor_forward\r\n"
      "Content-Type: application/json\r\nContent-Length: 32\r\n\r\n"
      "{\"events\":[\"INVOKE\",\"SHUTDOWN\"]}";
  static const char identifier[] = "Lambda-Extension-Identifier: ";
  char answer[4096], *id;
  ssize_t size;
  say(api, registration, sizeof registration - 1);
  size = read(api, answer, sizeof answer - 1);
  answer[size < 0 ? 0 : size] = '\0';
  id = strcasestr(answer, identifier);
  if (!id)
    fail("register");
  id += sizeof identifier - 1;
  next_size = (size_t)snprintf(next, sizeof next,
                               "GET /2020-01-01/extension/event/next HTTP/1.1\r\n"
                               "Host: lambda\r\n%s%.*s\r\n\r\n",
                               identifier, (int)strcspn(id, "\r\n"), id);
}

/* Sends what is kept, with its framing and encoding, and waits for the answer. */
static void pass_on(void) {
  char answer[4096];
  if (kept_size == 0)
    return;
  say(server, kept, kept_size);
  if (read(server, answer, sizeof answer) <= 0)
    fail("the APM Server");
  kept_size = 0;
}

/* Whether the request is whole; *body is where its body begins. */
static int is_whole(struct peer *from, char **body) {
  static const char last_chunk[] = "0\r\n\r\n";
  char *length, *end = memmem(from->request, from->size, "\r\n\r\n", 4);
  if (!end)
    return 0;
  *body = end + 4;
  length = strcasestr(from->request, "content-length:");
  if (length && length < end)
    return (size_t)(from->request + from->size - *body) >= strtoul(length + 15, 0, 10);
  length = strcasestr(from->request, "transfer-encoding:");
  return !length || length > end
         || (from->size >= 5
             && !memcmp(from->request + from->size - 5, last_chunk, 5));
}

static void handle(struct peer *from, char *body) {
  static const char accepted[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
  static const char done[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const int is_intake = !memcmp(from->request, "POST /intake/", 13);
  const int is_flush = is_intake && memmem(from->request, 64, "flushed=true", 12);
  const int is_empty = strcasestr(from->request, "content-length: 0\r\n") != 0
                       || !memcmp(body, "0\r\n\r\n", 5);
  if (is_intake && !is_empty) {
    memcpy(kept, from->request, from->size);
    kept_size = from->size;
  }
  if (is_intake)
    say(from->fd, accepted, sizeof accepted - 1);
  else
    say(from->fd, done, sizeof done - 1);
  from->size = 0;
  if (is_flush) {
    pass_on();
    say(api, next, next_size);
  }
}

static void take(struct peer *from) {
  char *body;
  ssize_t size = read(from->fd, from->request + from->size,
                      sizeof from->request - 1 - from->size);
  if (size <= 0) {
    close(from->fd);
    from->fd = 0;
    from->size = 0;
    return;
  }
  from->size += (size_t)size;
  from->request[from->size] = '\0';
  if (is_whole(from, &body))
    handle(from, body);
}

int main(void) {
  char event[4096];
  const char *port = getenv("ELASTIC_APM_DATA_RECEIVER_SERVER_PORT");
  int i, agents = listen_on(port ? port : "8200");
  api = connect_to(getenv("AWS_LAMBDA_RUNTIME_API"));
  enlist();
  say(api, next, next_size);
  server = connect_to(getenv("ELASTIC_APM_LAMBDA_APM_SERVER"));
  for (;;) {
    struct pollfd ready[2 + peers_max] = {{api, POLLIN, 0}, {agents, POLLIN, 0}};
    for (i = 0; i < peers_max; ++i)
      ready[2 + i] = (struct pollfd){peers[i].fd ? peers[i].fd : -1, POLLIN, 0};
    if (poll(ready, 2 + peers_max, -1) < 0)
      continue;
    if (ready[0].revents) {
      ssize_t size = read(api, event, sizeof event - 1);
      event[size < 0 ? 0 : size] = '\0';
      if (size <= 0 || strstr(event, "SHUTDOWN"))
        return 0;
    }
    for (i = 0; i < peers_max; ++i)
      if (ready[2 + i].revents)
        take(&peers[i]);
    if (ready[1].revents)
      for (i = 0; i < peers_max; ++i)
        if (!peers[i].fd) {
          peers[i].fd = accept(agents, 0, 0);
          break;
        }
  }
}
