// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// What the instances of all plugins share of the node they run on: its error log, and its end. Thread-safe.
public final class PluginHost: Sendable {
  /// Called on any thread.
  public typealias Report = @Sendable (_ level: ReportLevel, _ text: String) -> Void
  /// What is left to do when the node stops.
  public typealias Ending = @Sendable () async -> Void

  private struct State {
    var endings: [UInt64: Ending] = [:]
    var lastID: UInt64 = 0
  }

  let settings: PluginSettings
  private let write: Report
  private let state = Mutex(State())

  /// - Parameter report: writes a line to the error log, without waiting.
  public init(settings: PluginSettings = PluginSettings(), report: @escaping Report = { _, _ in }) {
    self.settings = settings
    self.write = report
  }

  func report(_ level: ReportLevel, _ text: String) { self.write(level, text) }

  func add(_ ending: @escaping Ending) -> EndingRegistration {
    let id = self.state.withLock { state in
      state.lastID &+= 1
      state.endings[state.lastID] = ending
      return state.lastID
    }
    return EndingRegistration { [weak self] in self?.state.withLock { _ = $0.endings.removeValue(forKey: id) } }
  }

  /// Lets plugins finish what they still have to send. Returns when they have, or when the time is over; what is
  /// under way then is left alone.
  public func finish(withinSeconds seconds: Double) async {
    let endings = self.state.withLock { Array($0.endings.values) }
    let countdown = Countdown(from: endings.count)
    for ending in endings {
      Task {
        await ending()
        countdown.step()
      }
    }
    let timeout = Task {
      try? await Task.sleep(for: .milliseconds(Int(max(0, min(seconds, 3600)) * 1000)))
      countdown.end()
    }
    await countdown.wait()
    timeout.cancel()
  }
}

/// How much a line of the error log matters.
public enum ReportLevel: String, Sendable, CaseIterable {
  case debug, info, notice, warn, error
}

/// Something to do before the node stops, for as long as somebody holds this.
public final class EndingRegistration: Sendable {
  private let remove: @Sendable () -> Void

  init(_ remove: @escaping @Sendable () -> Void) { self.remove = remove }

  deinit { self.remove() }
}

/// Lets one task wait until others are done.
private final class Countdown: Sendable {
  private struct State {
    var left: Int
    var waiting: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(from count: Int) { self.state = Mutex(State(left: count)) }

  func step() { self.change { $0 - 1 } }
  func end() { self.change { _ in 0 } }

  private func change(_ next: (Int) -> Int) {
    let waiting = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.left = max(0, next(state.left))
      return state.left == 0 ? state.waiting.take() : nil
    }
    waiting?.resume()
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = self.state.withLock { state in
        if state.left > 0 { state.waiting = continuation }
        return state.left == 0
      }
      if isOver { continuation.resume() }
    }
  }
}
