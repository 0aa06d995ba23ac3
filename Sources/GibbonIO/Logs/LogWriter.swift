// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import Glibc
internal import Synchronization

/// Writes log files on a thread of its own, so that a slow disk never holds up an event loop.
///
/// Thread-safe. What is handed over and not written yet is bounded; beyond that lines are dropped, counted,
/// and the loss is written down when the file takes lines again.
public final class LogWriter: Sendable {
  private let thread: LoopThread
  private let files = Mutex<[LogFile]>([])

  public init() throws {
    self.thread = try LoopThread(name: "gibbon-logs") { _ in Nothing() }
  }

  /// Opens a file to append to; `/dev/stdout` and `/dev/stderr` work too.
  public func open(path: String) throws -> LogFile {
    let file = LogFile(path: path, descriptor: try LogFile.open(path), writer: self.thread.handle)
    self.files.withLock { $0.append(file) }
    return file
  }

  /// Opens every file again by its name, after it was moved away.
  public func reopen() {
    let files = self.files.withLock { $0 }
    self.thread.handle.execute { _ in
      for file in files { file.reopen() }
    }
  }

  /// Writes what is left and ends the thread.
  public func close() {
    self.thread.stop()
    self.thread.join()
  }

  private final class Nothing {}
}

/// One file of a `LogWriter`.
public final class LogFile: Sendable {
  public let path: String
  private let descriptor: Mutex<Int32>
  private let writer: LoopHandle
  private let backlog = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  /// Bytes handed over and not written yet.
  private static let backlogLimitBytes = 16 * 1024 * 1024

  init(path: String, descriptor: Int32, writer: LoopHandle) {
    self.path = path
    self.descriptor = Mutex(descriptor)
    self.writer = writer
  }

  static func open(_ path: String) throws -> Int32 {
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError(code: errno) }
    return descriptor
  }

  /// Hands whole lines over.
  public func append(_ lines: ByteBuffer) {
    guard !lines.isEmpty else { return }
    guard self.backlog.load(ordering: .relaxed) < LogFile.backlogLimitBytes else {
      self.dropped.wrappingAdd(1, ordering: .relaxed)
      return
    }
    self.backlog.wrappingAdd(lines.count, ordering: .relaxed)
    self.writer.execute { _ in
      self.write(lines)
      self.backlog.wrappingSubtract(lines.count, ordering: .relaxed)
    }
  }

  private func write(_ lines: ByteBuffer) {
    self.writeAll(lines)
    let dropped = self.dropped.exchange(0, ordering: .relaxed)
    if dropped > 0 {
      self.writeAll(ByteBuffer("# \(dropped) batches of log lines were dropped: \(self.path) was too slow\n"))
    }
  }

  private func writeAll(_ lines: ByteBuffer) {
    self.descriptor.withLock { descriptor in
      var rest = lines
      while !rest.isEmpty {
        // Safety: the pointer is used for one call inside the closure that lends it.
        let count = unsafe rest.span.withUnsafeBufferPointer {
          unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        // A full disk loses lines; it must not stop the gateway.
        guard count > 0 else { return }
        rest.consume(count)
      }
    }
  }

  func reopen() {
    guard let new = try? LogFile.open(self.path) else { return }
    self.descriptor.withLock { descriptor in
      Glibc.close(descriptor)
      descriptor = new
    }
  }
}
