// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// Looks at the end of the log again and again, and tells of commits: by this node and by others.
struct LogWatch: Sendable {
  private let log: CommitLog
  private let heard: @Sendable (Revision?) -> Void

  private static let pause = Duration.milliseconds(50)
  /// Looks between two that also notice a datastore which was emptied.
  private static let looks = 100

  init(_ log: CommitLog, _ heard: @escaping @Sendable (Revision?) -> Void) {
    self.log = log
    self.heard = heard
  }

  /// Until the task is cancelled.
  func run() async {
    var told: Revision?
    var look = 0
    while !Task.isCancelled {
      do throws(StoreError) {
        if told == nil || look % Self.looks == 0 {
          _ = try await self.log.refresh()
        } else {
          try await self.log.readEnd()
        }
        let head = self.log.position.head
        // At first, after a failure, and where the datastore is another one, some may have been missed.
        if told == nil || head < told ?? 0 { self.heard(nil) } else if head != told { self.heard(head) }
        told = head
      } catch {
        // Whoever reads or writes finds out too, and says why.
        told = nil
      }
      look &+= 1
      try? await Task.sleep(for: Self.pause)
    }
  }
}
