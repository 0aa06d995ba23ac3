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

  /// Opens a file to append to. `/dev/stdout` and `/dev/stderr` are this process's own descriptors 1 and 2, whatever
  /// these are.
  ///
  /// - Throws: `GuardedFileError`
  public func open(path: String) throws(GuardedFileError) -> LogFile {
    let (descriptor, isNew) = try LogFile.open(path)
    let file = LogFile(path: path, descriptor: descriptor, isNew: isNew, writer: self.thread.handle)
    self.files.withLock { $0.append(file) }
    return file
  }

  /// Closes a file that nobody appends to any more, once what was handed over is written.
  ///
  /// - Parameter removesNew: whether the file goes too if it was made by `open` and nothing was written to it.
  public func close(_ file: LogFile, removesNew: Bool = false) {
    self.files.withLock { $0.removeAll { $0 === file } }
    self.thread.handle.execute { _ in file.end(removesNew: removesNew) }
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
  private let isNew: Bool

  /// Bytes handed over and not written yet.
  private static let backlogLimitBytes = 16 * 1024 * 1024

  init(path: String, descriptor: Int32, isNew: Bool, writer: LoopHandle) {
    self.path = path
    self.isNew = isNew
    self.descriptor = Mutex(descriptor)
    self.writer = writer
  }

  static func open(_ path: String) throws(GuardedFileError) -> (descriptor: Int32, isNew: Bool) {
    guard let standard = Self.standard(path) else { return try GuardedFile.open(path, .log, .append) }
    let descriptor = fcntl(standard, F_DUPFD_CLOEXEC, 3)
    guard descriptor >= 0 else { throw GuardedFileError(path, code: errno) }
    // Two descriptors of one file would else write over each other's lines.
    if FileIdentity(descriptor: descriptor)?.isRegular == true {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_APPEND)
    }
    return (descriptor, false)
  }

  /// The descriptor that a path is another name of. Opened by that name, a socket could not be written to, and a file
  /// would be written from its start.
  static func standard(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1": STDOUT_FILENO
    case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2": STDERR_FILENO
    default: nil
    }
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
        // Somebody else may have made a shared pipe or socket non-blocking.
        if count < 0, errno == EAGAIN, Self.canWriteSoon(descriptor) { continue }
        // A full disk loses lines; it must not stop the gateway.
        guard count > 0 else { return }
        rest.consume(count)
      }
    }
  }

  private static func canWriteSoon(_ descriptor: Int32) -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    // Safety: one entry, which is a local.
    let count = unsafe poll(&poller, 1, 1000)
    return count > 0 && poller.revents & Int16(POLLOUT) != 0
  }

  func reopen() {
    guard LogFile.standard(self.path) == nil else { return }
    do {
      let new = try LogFile.open(self.path).descriptor
      self.descriptor.withLock { descriptor in
        Glibc.close(descriptor)
        descriptor = new
      }
    } catch {
      // The old file is the only place to say it.
      self.writeAll(ByteBuffer("# this log goes on here: \(error)\n"))
    }
  }

  /// To be called last; lines that come all the same are dropped.
  func end(removesNew: Bool) {
    let isEmpty = removesNew && self.isNew && self.size == 0
    self.descriptor.withLock { descriptor in
      Glibc.close(descriptor)
      descriptor = -1
    }
    if isEmpty { _ = unsafe unlink(self.path) }
  }

  private var size: Int { self.descriptor.withLock { Int(lseek($0, 0, SEEK_END)) } }
}
