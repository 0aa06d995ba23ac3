// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Dispatch
import Synchronization
import Testing

/// What happened on a loop, written there and waited for by the test.
final class Journal: Sendable {
  enum Event: Sendable, Hashable {
    case connected, end, flushed, hungUp, timer
    case failed(Int32)
    case note(String)
  }

  struct Record: Sendable {
    var events: [Event] = []
    var bytes: [UInt8] = []

    func count(_ event: Event) -> Int { self.events.count { $0 == event } }
    func has(_ event: Event) -> Bool { self.events.contains(event) }
  }

  private let record = Mutex(Record())
  private let changed = DispatchSemaphore(value: 0)

  func add(_ event: Event) {
    self.record.withLock { $0.events.append(event) }
    self.changed.signal()
  }

  func add(_ bytes: [UInt8]) {
    self.record.withLock { $0.bytes.append(contentsOf: bytes) }
    self.changed.signal()
  }

  var now: Record { self.record.withLock { $0 } }

  /// Waits until `condition` holds; gives up, with an issue, when nothing has happened for ten seconds.
  @discardableResult
  func wait(
    _ location: SourceLocation = #_sourceLocation, until condition: (Record) -> Bool
  ) -> Record {
    while true {
      let record = self.now
      if condition(record) { return record }
      guard self.changed.wait(timeout: .now() + 10) == .success else {
        Issue.record("nothing more after \(record.events), \(record.bytes.count) bytes", sourceLocation: location)
        return record
      }
    }
  }

  @discardableResult
  func wait(for event: Event, _ location: SourceLocation = #_sourceLocation) -> Record {
    self.wait(location) { $0.has(event) }
  }
}
