// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// The Linux calls the reactor makes, with signatures Swift imports well: no variadics, no packed
// structs, no bit-31 macros. Every function returns a non-negative value or -errno.
#ifndef GIBBON_LINUX_H
#define GIBBON_LINUX_H

#include <stddef.h>
#include <stdint.h>

// One readiness report.
struct gibbon_event {
  uint64_t token;
  uint32_t readable;   // bytes, an accepted connection or an end of stream may be there
  uint32_t writable;   // the send buffer has room
  uint32_t peer_closed;  // the peer shut its sending side, or the connection broke
};

// An internet or unix socket address. family: 4, 6 or 1 (unix).
struct gibbon_address {
  uint64_t high, low;  // IPv6 halves, or IPv4 in the low 32 bits of `low`
  uint16_t port;
  uint8_t family;
  uint8_t abstract_name;
  char path[108];
};

int gibbon_epoll_create(void);
int gibbon_epoll_add(int epoll, int fd, uint64_t token);
int gibbon_epoll_wait(int epoll, struct gibbon_event *events, int capacity, int timeout_ms);
int gibbon_eventfd(void);

int gibbon_listen(const struct gibbon_address *address, int backlog, int reuse_port, int ipv6_only);
int gibbon_accept(int listener, struct gibbon_address *peer);
int gibbon_connect(const struct gibbon_address *address);
int gibbon_socket_error(int fd);
int gibbon_local_address(int fd, struct gibbon_address *address);
int gibbon_keepalive(int fd, int idle_s, int interval_s, int count);

long gibbon_read(int fd, void *bytes, size_t count);
// Whether a read would find bytes, the end or an error now.
int gibbon_has_input(int fd);
long gibbon_send(int fd, const void *bytes, size_t count);
long gibbon_send2(int fd, const void *first, size_t first_count, const void *second, size_t second_count);
int gibbon_shutdown_write(int fd);
int gibbon_reset(int fd);
int gibbon_close(int fd);

uint64_t gibbon_monotonic_us(void);
uint64_t gibbon_realtime_us(void);

// Blocks the signals a server answers, for this thread and those it starts; then waits for one.
int gibbon_block_signals(void);
// `value` is what a queued signal carries, 0 for others.
int gibbon_wait_signal(uint64_t *value);
int gibbon_queue_signal(int process, int number, uint64_t value);
int gibbon_name_thread(const char *name);
// Lets other threads have the processor before this one, for as long as this one lives.
void gibbon_give_way(void);
// Sorts what this thread's heap has free and gives whole pages back to the system.
void gibbon_tidy_heap(void);
// A place in the file system to look at or to go on from; a link is not followed.
int gibbon_open_path(int folder, const char *name);
uint64_t gibbon_raise_file_limit(uint64_t wanted);
#endif
