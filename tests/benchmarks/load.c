/* load: agents' posts at full speed: some connections, each with its next post
   as soon as the last one is answered.

     load PORT FILE POSTS CONNECTIONS

   FILE holds the whole request. Prints as JSON how long it took and how many
   answers were other than 202. In C, so that it does not use up the core that
   the extension needs. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { connections_max = 64, patience_ms = 30000 };

static char *request;
static size_t request_size;
static size_t sent[connections_max];
static struct pollfd peers[connections_max];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void map_request(const char *path) {
  struct stat facts;
  int fd = open(path, O_RDONLY);
  if (fd < 0 || fstat(fd, &facts))
    fail(path);
  request_size = (size_t)facts.st_size;
  request = mmap(0, request_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (request == MAP_FAILED)
    fail(path);
}

static int connect_to(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_port = htons((uint16_t)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address))
    fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

static void send_on(int i) {
  ssize_t size = send(peers[i].fd, request + sent[i], request_size - sent[i],
                      MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size > 0)
    sent[i] += (size_t)size;
  peers[i].events = sent[i] < request_size ? POLLIN | POLLOUT : POLLIN;
}

int main(int argc, char **argv) {
  int i, posts, connections, open_now, refused = 0;
  double begin;
  if (argc != 5)
    return 2;
  map_request(argv[2]);
  posts = atoi(argv[3]);
  connections = atoi(argv[4]);
  if (connections > connections_max || connections > posts)
    return 2;
  begin = seconds();
  for (i = 0; i < connections; ++i, --posts) {
    peers[i].fd = connect_to(atoi(argv[1]));
    send_on(i);
  }
  for (open_now = connections; open_now > 0;) {
    if (poll(peers, (nfds_t)connections, patience_ms) <= 0)
      fail("nothing in 30 s");
    for (i = 0; i < connections; ++i) {
      /* An answer is short, and there is never more than one. */
      char answer[4096];
      ssize_t size;
      if (peers[i].revents & POLLOUT)
        send_on(i);
      if (!(peers[i].revents & ~POLLOUT))
        continue;
      size = recv(peers[i].fd, answer, sizeof answer, 0);
      if (size < 12)
        fail("an answer");
      refused += strncmp(answer, "HTTP/1.1 202", 12) != 0;
      if (posts-- > 0) {
        sent[i] = 0;
        send_on(i);
      } else {
        close(peers[i].fd);
        peers[i].fd = -1;
        --open_now;
      }
    }
  }
  printf("{\"seconds\": %.6f, \"refused\": %d}\n", seconds() - begin, refused);
  return 0;
}
