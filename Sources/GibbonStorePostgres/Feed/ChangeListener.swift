// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import GibbonStore
internal import Synchronization

/// Hears of commits on a connection of its own, and comes back when that is lost.
final class ChangeListener: Sendable {
  private let server: PostgresServer
  private let clock: DatabaseClock
  private let heard: @Sendable (Revision?) -> Void
  private let wake: Wake
  private let isStopped = Atomic(false)
  private let thread = Mutex<SystemThread?>(nil)

  /// Milliseconds between two looks whether the server still is there, and at its clock.
  private static let heartbeat = 15_000
  /// Milliseconds between two attempts to connect.
  private static let firstPause = 50
  private static let longestPause = 1000

  /// Where commits are told: apart for each schema, as they share a database.
  static let channel = "'gibbon_' || md5(current_schema())"

  /// - Parameter heard: told the revision of a commit, or nil where some may have been missed.
  init(
    _ server: PostgresServer, _ clock: DatabaseClock, heard: @escaping @Sendable (Revision?) -> Void
  ) throws {
    self.server = server
    self.clock = clock
    self.heard = heard
    self.wake = try Wake()
  }

  func start() throws {
    let thread = try SystemThread(name: "gibbon-pg-feed") { self.work() }
    self.thread.withLock { $0 = thread }
  }

  /// Ends the thread and waits for it.
  func stop() {
    self.isStopped.store(true, ordering: .relaxed)
    self.wake.send()
    self.thread.withLock { $0.take() }?.join()
  }

  private func work() {
    var pause = Self.firstPause
    while !self.isStopped.load(ordering: .relaxed) {
      do {
        let connection = try Connection(self.server, application: "gibbon change feed")
        try self.listen(connection)
        pause = Self.firstPause
        self.heard(nil)
        while !self.isStopped.load(ordering: .relaxed) { try self.hear(connection) }
      } catch {
        // Whoever reads or writes finds out too, and says why.
        _ = Descriptors.wait([(self.wake.readable, 1)], Deadline(milliseconds: pause))
        pause = min(Self.longestPause, pause * 2)
      }
    }
  }

  private func listen(_ connection: Connection) throws {
    let name = try connection.query("SELECT quote_ident(\(Self.channel))", isPrepared: false)[0, 0] ?? ""
    guard !name.isEmpty else { throw PostgresFault.lost("there is no schema to listen in") }
    try connection.run(script: "LISTEN \(name)")
    try self.clock.measure(connection)
  }

  private func hear(_ connection: Connection) throws {
    let deadline = Deadline(milliseconds: Self.heartbeat)
    while !deadline.isOver, !self.isStopped.load(ordering: .relaxed) {
      try connection.waitForInput(or: self.wake.readable, deadline)
      // Many at once are one: the last says all.
      if let last = connection.takeNotifications().compactMap({ Revision($0) }).max() { self.heard(last) }
    }
    if deadline.isOver { try self.clock.measure(connection) }
  }
}
