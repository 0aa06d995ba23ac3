// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Synchronization

/// What happened, in the order it happened, written from any thread.
final class Journal: Sendable {
  private let held = Mutex<[String]>([])

  func note(_ line: String) { self.held.withLock { $0.append(line) } }

  var lines: [String] { self.held.withLock { $0 } }

  /// Waits for that many lines; the log phase runs after the client has its answer.
  func lines(_ count: Int) throws -> [String] {
    try Deadline.wait(for: "\(count) lines, has \(self.lines)") { self.lines.count >= count }
    return self.lines
  }
}

/// A place where a plugin leaves something for the test.
final class Box<Value: Sendable>: Sendable {
  private let held = Mutex<[Value]>([])

  func put(_ value: Value) { self.held.withLock { $0.append(value) } }

  var all: [Value] { self.held.withLock { $0 } }

  /// Waits for the next value and takes it out.
  func take() throws -> Value {
    var taken: Value?
    try Deadline.wait(for: "a value in the box") {
      taken = self.held.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      return taken != nil
    }
    guard let taken else { throw HarnessError(.failed, "nothing in the box") }
    return taken
  }
}
