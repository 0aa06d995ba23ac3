// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// The memory that larger bodies share: each takes what it may grow to before it is read, so that bodies that are never
/// finished cannot fill the memory. Who finds no room waits in line.
final class BodyBudget: Sendable {
  typealias Ticket = UInt64

  private struct Waiter {
    let ticket: Ticket
    let bytes: Int
    let granted: @Sendable () -> Void
  }

  private struct State {
    var available: Int
    var waiters: [Waiter] = []
    var lastTicket: Ticket = 0
  }

  private let state: Mutex<State>

  init(bytes: Int) {
    self.state = Mutex(State(available: bytes))
  }

  /// Takes so many bytes at once, or a place in line.
  ///
  /// - Parameter granted: called once, on any thread, when a place in line has become room.
  /// - Returns: nil when the bytes are taken.
  func take(_ bytes: Int, whenGranted granted: @escaping @Sendable () -> Void) -> Ticket? {
    self.state.withLock { state in
      if state.waiters.isEmpty, state.available >= bytes {
        state.available -= bytes
        return nil
      }
      state.lastTicket += 1
      state.waiters.append(Waiter(ticket: state.lastTicket, bytes: bytes, granted: granted))
      return state.lastTicket
    }
  }

  /// Gives up a place in line.
  ///
  /// - Returns: false when it has become room already, which must be given back then.
  func leave(_ ticket: Ticket) -> Bool {
    let (wasWaiting, granted) = self.state.withLock { state in
      let count = state.waiters.count
      state.waiters.removeAll { $0.ticket == ticket }
      return (state.waiters.count < count, Self.grants(&state))
    }
    for call in granted { call() }
    return wasWaiting
  }

  func giveBack(_ bytes: Int) {
    let granted = self.state.withLock { state in
      state.available += bytes
      return Self.grants(&state)
    }
    for call in granted { call() }
  }

  private static func grants(_ state: inout State) -> [@Sendable () -> Void] {
    var calls: [@Sendable () -> Void] = []
    while let first = state.waiters.first, first.bytes <= state.available {
      state.available -= first.bytes
      calls.append(first.granted)
      state.waiters.removeFirst()
    }
    return calls
  }
}
