// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonIO
internal import Synchronization

/// How much a line of the error log matters; nginx's levels.
public enum LogLevel: UInt8, Sendable, CaseIterable, Comparable {
  case debug, info, notice, warn, error, crit, alert, emerg

  public init?(name: String) {
    guard let level = LogLevel.allCases.first(where: { "\($0)" == name }) else { return nil }
    self = level
  }

  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// The error log, in nginx's format. Thread-safe; writing happens on the log thread.
public final class ErrorLog: Sendable {
  private let minimum: Atomic<UInt8>
  private let file: LogFile
  private let processID: Int32

  public init(file: LogFile, level: LogLevel, processID: Int32) {
    self.file = file
    self.minimum = Atomic(level.rawValue)
    self.processID = processID
  }

  /// The least level that is written; may change while running.
  public var level: LogLevel {
    get { LogLevel(rawValue: self.minimum.load(ordering: .relaxed)) ?? .notice }
    set { self.minimum.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// Whether such a line would be written; ask before building an expensive one.
  public func writes(_ level: LogLevel) -> Bool { level.rawValue >= self.minimum.load(ordering: .relaxed) }

  public func write(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard self.writes(level) else { return }
    var line = ByteBuffer()
    WallTime(microseconds: Clock.realtimeMicroseconds).appendErrorLogTime(to: &line)
    line.append(text: " [\(level)] \(self.processID)#0: ")
    // A line break from a request must not begin a line of the log.
    for byte in message().utf8 { line.append(byte < 0x20 ? UInt8.space : byte) }
    line.append(UInt8.lineFeed)
    self.file.append(line)
  }
}
