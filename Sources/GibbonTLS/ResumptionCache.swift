// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonTLS
internal import Synchronization

/// Sessions that a client can resume: the newest of each server, of a bounded number of servers.
final class ResumptionCache: Sendable {
  struct Key: Sendable, Hashable {
    let serverName: String?
    /// A resumed session is not verified again, so one of another name must not be taken.
    let verifiedName: String?
    let address: String
  }

  /// A reference to a session of OpenSSL's.
  // Safety: counted atomically; OpenSSL copies a session before it changes one that is in use.
  @safe
  private final class Entry: @unchecked Sendable {
    let handle: OpaquePointer
    init(handle: OpaquePointer) { unsafe self.handle = unsafe handle }
    deinit {
      // Safety: this object owns one reference.
      unsafe gibbon_tls_resumption_free(self.handle)
    }
  }

  private struct State: Sendable {
    var entries: [Key: Entry] = [:]
    /// Keys in the order they came first.
    var order: [Key] = []
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) { self.capacity = capacity }

  func apply(_ key: Key, to session: TLSSession) {
    guard self.capacity > 0, let entry = self.state.withLock({ $0.entries[key] }) else { return }
    // Safety: OpenSSL takes a reference of its own.
    _ = unsafe gibbon_tls_resume(session.handle, entry.handle)
  }

  /// Takes the ownership of `handle`.
  func store(_ handle: OpaquePointer, for key: Key) {
    let entry = unsafe Entry(handle: handle)
    guard self.capacity > 0 else { return }
    self.state.withLock { state in
      if state.entries.updateValue(entry, forKey: key) != nil { return }
      state.order.append(key)
      // The oldest tenth at once, so that a full cache does not move its keys each time.
      if state.order.count > self.capacity {
        let count = max(1, self.capacity / 10)
        for old in state.order.prefix(count) { state.entries[old] = nil }
        state.order.removeFirst(count)
      }
    }
  }

  /// A server that did not want a session, or one that failed.
  func forget(_ key: Key) {
    self.state.withLock { state in
      guard state.entries.removeValue(forKey: key) != nil else { return }
      state.order.removeAll { $0 == key }
    }
  }

  var count: Int { self.state.withLock { $0.entries.count } }
}
