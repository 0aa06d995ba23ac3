// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CAres
internal import CGibbonLinux
internal import GibbonCore
internal import Glibc
internal import Synchronization

/// What c-ares said of the addresses of a name.
enum QueryResult: Sendable {
  case found([IPAddress], ttlSeconds: Int)
  /// A server says that there is none.
  case notFound(String)
  /// No server said anything of it.
  case failed(String)
}

/// The library could not be started.
struct ResolverError: Error, CustomStringConvertible {
  let description: String
}

/// A thread that owns a c-ares channel: queries come in by a queue, sockets are waited for with `poll`.
final class QueryThread: Sendable {
  private struct Query {
    let name: String
    let kinds: [RecordKind]
    let completion: @Sendable (LookupResult) -> Void
  }

  private struct Inbox {
    var queries: [Query] = []
    var isStopped = false
  }

  private let inbox = Mutex(Inbox())
  private let wake: Int32
  private let hosts: HostsFile
  /// Called in each turn of the thread; says in how many milliseconds it must be called again.
  private let tick: @Sendable () -> UInt64?

  init(servers: [String], hosts: HostsFile, tick: @escaping @Sendable () -> UInt64?) throws {
    guard ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS else {
      throw ResolverError(description: "c-ares cannot be initialised")
    }
    self.wake = gibbon_eventfd()
    self.hosts = hosts
    self.tick = tick
    guard self.wake >= 0 else { throw ResolverError(description: "eventfd: errno \(-self.wake)") }
    let channel = try AresChannel(servers: servers)
    // Safety: handed to the one thread that uses it; the maker keeps no reference.
    let confined = unsafe Unmanaged.passRetained(channel)
    let start = unsafe Unmanaged.passRetained(Start(thread: self, channel: confined))
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument {
          // Safety: retained by the maker, consumed here once.
          let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
          let channel = unsafe start.channel.takeRetainedValue()
          start.thread.run(channel)
        }
        return nil
      }, start.toOpaque())
    guard result == 0 else {
      unsafe start.release()
      unsafe confined.release()
      throw ResolverError(description: "the resolver's thread cannot be started: errno \(result)")
    }
    pthread_detach(thread)
  }

  deinit { close(self.wake) }

  @safe
  private final class Start {
    let thread: QueryThread
    let channel: Unmanaged<AresChannel>

    init(thread: QueryThread, channel: Unmanaged<AresChannel>) {
      self.thread = thread
      unsafe self.channel = unsafe channel
    }
  }

  /// - Parameter kinds: asked for one after the other, until one is found.
  func ask(_ name: String, _ kinds: [RecordKind], completion: @escaping @Sendable (LookupResult) -> Void) {
    self.inbox.withLock { $0.queries.append(Query(name: name, kinds: kinds, completion: completion)) }
    self.signal()
  }

  /// Makes the thread call `tick`.
  func wakeUp() { self.signal() }

  func stop() {
    self.inbox.withLock { $0.isStopped = true }
    self.signal()
  }

  private func signal() {
    var one: UInt64 = 1
    // Safety: eight bytes of a local.
    _ = unsafe write(self.wake, &one, 8)
  }

  private func run(_ channel: AresChannel) {
    while true {
      let (queries, isStopped) = self.inbox.withLock { inbox in
        defer { inbox.queries = [] }
        return (inbox.queries, inbox.isStopped)
      }
      if isStopped { return }
      for query in queries {
        Lookup(query.name, query.kinds, self.hosts, channel, query.completion).run()
      }
      let limit = self.tick().map { Int32(clamping: min($0, 60_000)) }
      channel.wait(wake: self.wake, milliseconds: limit)
      var counter: UInt64 = 0
      // Safety: eight bytes of a local.
      _ = unsafe read(self.wake, &counter, 8)
    }
  }
}
