// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
#define _GNU_SOURCE
#include "gibbon_linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define RESULT(call) ({ long r_ = (call); r_ < 0 ? -errno : r_; })

int gibbon_epoll_create(void) { return RESULT(epoll_create1(EPOLL_CLOEXEC)); }

// Edge-triggered for both directions, once: no epoll_ctl per request.
int gibbon_epoll_add(int epoll, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = token};
  return RESULT(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

int gibbon_epoll_wait(int epoll, struct gibbon_event *events, int capacity, int timeout_ms) {
  struct epoll_event raw[256];
  if (capacity > 256) capacity = 256;
  int count = RESULT(epoll_wait(epoll, raw, capacity, timeout_ms));
  for (int i = 0; i < count; i++) {
    uint32_t bits = raw[i].events;
    int broken = (bits & (EPOLLERR | EPOLLHUP)) != 0;
    events[i].token = raw[i].data.u64;
    events[i].readable = broken || (bits & (EPOLLIN | EPOLLRDHUP)) != 0;
    events[i].writable = broken || (bits & EPOLLOUT) != 0;
    events[i].peer_closed = broken || (bits & EPOLLRDHUP) != 0;
  }
  return count;
}

int gibbon_eventfd(void) { return RESULT(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

static socklen_t to_native(const struct gibbon_address *a, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (a->family == 1) {
    struct sockaddr_un *un = (struct sockaddr_un *)out;
    un->sun_family = AF_UNIX;
    size_t length = strnlen(a->path, sizeof un->sun_path - 1);
    memcpy(un->sun_path, a->path, length);
    return offsetof(struct sockaddr_un, sun_path) + length + 1;
  }
  if (a->family == 6) {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(a->port);
    for (int i = 0; i < 8; i++) {
      in6->sin6_addr.s6_addr[i] = (uint8_t)(a->high >> (56 - 8 * i));
      in6->sin6_addr.s6_addr[i + 8] = (uint8_t)(a->low >> (56 - 8 * i));
    }
    return sizeof *in6;
  }
  struct sockaddr_in *in = (struct sockaddr_in *)out;
  in->sin_family = AF_INET;
  in->sin_port = htons(a->port);
  in->sin_addr.s_addr = htonl((uint32_t)a->low);
  return sizeof *in;
}

static void from_native(const struct sockaddr_storage *native, struct gibbon_address *out) {
  out->high = out->low = 0;
  out->port = 0;
  out->family = 1;
  out->path[0] = 0;
  if (native->ss_family == AF_INET) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)native;
    out->family = 4;
    out->port = ntohs(in->sin_port);
    out->low = ntohl(in->sin_addr.s_addr);
  } else if (native->ss_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)native;
    out->family = 6;
    out->port = ntohs(in6->sin6_port);
    for (int i = 0; i < 8; i++) {
      out->high = out->high << 8 | in6->sin6_addr.s6_addr[i];
      out->low = out->low << 8 | in6->sin6_addr.s6_addr[i + 8];
    }
  }
}

static int open_socket(const struct gibbon_address *a) {
  int domain = a->family == 1 ? AF_UNIX : a->family == 6 ? AF_INET6 : AF_INET;
  return RESULT(socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int fail(int fd) {
  int error = errno;
  close(fd);
  return -error;
}

int gibbon_listen(const struct gibbon_address *address, int backlog, int reuse_port, int ipv6_only) {
  int fd = open_socket(address), on = 1;
  if (fd < 0) return fd;
  if (address->family == 1) {
    // A socket file left by a process that is gone is replaced; a live one is not.
    struct stat status;
    if (lstat(address->path, &status) == 0 && S_ISSOCK(status.st_mode)) {
      int probe = gibbon_connect(address);
      if (probe == -ECONNREFUSED) unlink(address->path);
      if (probe >= 0) close(probe);
    }
  } else {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (reuse_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    // Accepted connections inherit it.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (address->family == 6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &ipv6_only, sizeof ipv6_only);
  }
  struct sockaddr_storage native;
  socklen_t length = to_native(address, &native);
  if (bind(fd, (struct sockaddr *)&native, length) < 0) return fail(fd);
  // A negative backlog only tries whether the address is free.
  if (backlog < 0 && address->family == 1) unlink(address->path);
  if (backlog >= 0 && listen(fd, backlog) < 0) return fail(fd);
  return fd;
}

int gibbon_accept(int listener, struct gibbon_address *peer) {
  struct sockaddr_storage native;
  socklen_t length = sizeof native;
  int fd = RESULT(accept4(listener, (struct sockaddr *)&native, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd >= 0) from_native(&native, peer);
  return fd;
}

int gibbon_connect(const struct gibbon_address *address) {
  int fd = open_socket(address), on = 1;
  if (fd < 0) return fd;
  if (address->family != 1) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_storage native;
  socklen_t length = to_native(address, &native);
  if (connect(fd, (struct sockaddr *)&native, length) < 0 && errno != EINPROGRESS) return fail(fd);
  return fd;
}

int gibbon_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return errno;
  return error;
}

int gibbon_local_address(int fd, struct gibbon_address *address) {
  struct sockaddr_storage native;
  socklen_t length = sizeof native;
  int result = RESULT(getsockname(fd, (struct sockaddr *)&native, &length));
  if (result >= 0) from_native(&native, address);
  return result;
}

int gibbon_keepalive(int fd, int idle_s, int interval_s, int count) {
  int on = 1;
  int result = RESULT(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
  if (idle_s > 0) setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  if (interval_s > 0) setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  if (count > 0) setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  return result;
}

long gibbon_read(int fd, void *bytes, size_t count) { return RESULT(read(fd, bytes, count)); }

int gibbon_has_input(int fd) {
  char byte;
  ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

long gibbon_send(int fd, const void *bytes, size_t count) {
  return RESULT(send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT));
}

long gibbon_send2(int fd, const void *first, size_t first_count, const void *second, size_t second_count) {
  struct iovec parts[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  return RESULT(sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

int gibbon_shutdown_write(int fd) { return RESULT(shutdown(fd, SHUT_WR)); }

int gibbon_reset(int fd) {
  struct linger linger = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  return RESULT(close(fd));
}

int gibbon_close(int fd) { return RESULT(close(fd)); }

static uint64_t clock_us(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

uint64_t gibbon_monotonic_us(void) { return clock_us(CLOCK_MONOTONIC); }
uint64_t gibbon_realtime_us(void) { return clock_us(CLOCK_REALTIME); }

static void server_signals(sigset_t *set) {
  const int numbers[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};
  sigemptyset(set);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaddset(set, numbers[i]);
}

int gibbon_block_signals(void) {
  sigset_t set;
  server_signals(&set);
  signal(SIGPIPE, SIG_IGN);
  return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int gibbon_wait_signal(uint64_t *value) {
  sigset_t set;
  siginfo_t info;
  server_signals(&set);
  int number = sigwaitinfo(&set, &info);
  if (number < 0) return -errno;
  // Only a signal that was queued carries a value.
  *value = info.si_code == SI_QUEUE ? (uint64_t)(uintptr_t)info.si_value.sival_ptr : 0;
  return number;
}

int gibbon_queue_signal(int process, int number, uint64_t value) {
  union sigval carried = {.sival_ptr = (void *)(uintptr_t)value};
  return RESULT(sigqueue(process, number, carried));
}

int gibbon_name_thread(const char *name) { return -pthread_setname_np(pthread_self(), name); }

// On Linux a nice value is the thread's own, and 0 is the thread that calls.
void gibbon_give_way(void) { (void)setpriority(PRIO_PROCESS, 0, 15); }

void gibbon_tidy_heap(void) {
  // glibc sorts freed chunks when a later allocation looks for one, up to 10,000 at a time; freeing a large
  // document leaves millions. Done here, until looking is quick.
  malloc_trim(0);
  for (int i = 0; i < 4096; i++) {
    uint64_t before = gibbon_monotonic_us();
    void *volatile probe = malloc(100000);
    free(probe);
    if (i > 0 && gibbon_monotonic_us() - before < 5) break;
  }
}

int gibbon_open_path(int folder, const char *name) {
  return RESULT(openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

uint64_t gibbon_raise_file_limit(uint64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  rlim_t target = wanted == 0 || wanted > limit.rlim_max ? limit.rlim_max : wanted;
  if (target > limit.rlim_cur) {
    limit.rlim_cur = target;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}
