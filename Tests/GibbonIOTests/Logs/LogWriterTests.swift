// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonIO
import Glibc
import Synchronization
import Testing

@Suite struct LogWriterTests {
  /// A folder of this test's own, removed with it.
  private final class Folder {
    let path: String

    init() throws {
      var template = Array("/tmp/gibbon-logs-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      self.path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
      for name in ["access.log", "old.log", "pipe"] { _ = unlink("\(self.path)/\(name)") }
      _ = rmdir(self.path)
    }

    func contents(_ name: String) throws -> [UInt8] {
      let descriptor = open("\(self.path)/\(name)", O_RDONLY)
      try #require(descriptor >= 0)
      return try Peer(owning: descriptor).readFile()
    }
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func linesOfManyThreadsArriveWholeAndEachThreadsInOrder() throws {
    let folder = try Folder()
    let writer = try LogWriter()
    let file = try writer.open(path: "\(folder.path)/access.log")
    let threads = try (0..<4).map { thread in
      try SystemThread(name: "logger") {
        for line in 0..<2_000 {
          let text = String(repeating: "x", count: line % 90)
          file.append(ByteBuffer("\(thread) \(line) \(text)\n"))
        }
      }
    }
    for thread in threads { thread.join() }
    writer.close()
    var next = [0, 0, 0, 0]
    for line in Self.lines(try folder.contents("access.log")) {
      let parts = line.split(separator: " ")
      let thread = try #require(parts.first.flatMap { Int($0) })
      #expect(parts.dropFirst().first.flatMap { Int($0) } == next[thread])
      #expect((parts.count > 2 ? parts[2].utf8.count : 0) == next[thread] % 90)
      next[thread] += 1
    }
    #expect(next == [2_000, 2_000, 2_000, 2_000])
  }

  @Test func anExistingFileIsAppendedTo() throws {
    let folder = try Folder()
    for text in ["one\n", "two\n"] {
      let writer = try LogWriter()
      try writer.open(path: "\(folder.path)/access.log").append(ByteBuffer(text))
      writer.close()
    }
    #expect(Self.lines(try folder.contents("access.log")) == ["one", "two"])
  }

  @Test func afterARenameReopenStartsTheFileAnew() throws {
    let folder = try Folder()
    let writer = try LogWriter()
    let path = "\(folder.path)/access.log"
    let file = try writer.open(path: path)
    file.append(ByteBuffer("before\n"))
    try #require(rename(path, "\(folder.path)/old.log") == 0)
    file.append(ByteBuffer("still the old one\n"))
    writer.reopen()
    file.append(ByteBuffer("after\n"))
    writer.close()
    #expect(Self.lines(try folder.contents("old.log")) == ["before", "still the old one"])
    #expect(Self.lines(try folder.contents("access.log")) == ["after"])
  }

  @Test func aFileThatCannotBeOpenedIsAnError() throws {
    let writer = try LogWriter()
    let error = #expect(throws: GuardedFileError.self) { _ = try writer.open(path: "/nowhere/access.log") }
    #expect(error?.code == ENOENT && error?.path == "/nowhere/access.log")
    writer.close()
  }

  @Test func aReopenThatFailsKeepsTheFileAndSaysSoThere() throws {
    let folder = try Folder()
    let inner = "\(folder.path)/inner"
    try #require(mkdir(inner, 0o755) == 0)
    let writer = try LogWriter()
    let file = try writer.open(path: "\(inner)/access.log")
    try #require(rename("\(inner)/access.log", "\(folder.path)/old.log") == 0)
    try #require(rmdir(inner) == 0)
    writer.reopen()
    file.append(ByteBuffer("kept\n"))
    writer.close()
    let lines = Self.lines(try folder.contents("old.log"))
    #expect(lines.count == 2 && lines.last == "kept")
    #expect(lines.first?.hasPrefix("# this log goes on here: \(inner)/access.log: ") == true, "\(lines)")
  }

  /// A pipe that nobody reads stands for a disk that hangs.
  @Test func aFileThatTakesNothingLosesLinesInsteadOfMemoryAndSaysSo() throws {
    let folder = try Folder()
    let path = "\(folder.path)/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    let reader = Peer(owning: open(path, O_RDONLY | O_NONBLOCK))
    let flags = fcntl(reader.descriptor, F_GETFL)
    _ = fcntl(reader.descriptor, F_SETFL, flags & ~O_NONBLOCK)
    let writer = try LogWriter()
    let file = try writer.open(path: path)
    let batch = ByteBuffer(String(repeating: "0123456789abcdef", count: 4_096 * 4 - 1) + "0123456789abcde\n")
    let handedOver = 200
    // 50 MB against a limit of 16: none of these calls waits.
    for _ in 0..<handedOver { file.append(batch) }
    let text = Mutex<[UInt8]>([])
    let source = reader.descriptor
    let reading = try SystemThread(name: "reader") {
      let reader = Peer(owning: dup(source))
      while let part = try? reader.readSome(), !part.isEmpty {
        text.withLock { $0 += part }
        if part.last == UInt8(ascii: "Z") { return }
      }
    }
    writer.close()
    let end = open(path, O_WRONLY)
    #expect(write(end, "Z", 1) == 1)
    _ = close(end)
    reading.join()
    let lines = Self.lines(text.withLock { $0 })
    let whole = lines.filter { $0.utf8.count == batch.count - 1 }
    let dropped = lines.first { $0.hasPrefix("# ") }.flatMap { $0.split(separator: " ").dropFirst().first }
    #expect(whole.count >= 16 * 1024 * 1024 / batch.count && whole.count <= 16 * 1024 * 1024 / batch.count + 2)
    #expect(dropped.flatMap { Int($0) } == handedOver - whole.count)
  }
}

extension Peer {
  /// What `read` gives of a file or pipe.
  func readSome() throws -> [UInt8] {
    var failure: PeerError?
    let bytes = [UInt8](unsafeUninitializedCapacity: 262_144) { buffer, initialized in
      let count = read(self.descriptor, buffer.baseAddress, 262_144)
      if count < 0 { failure = PeerError("read") }
      initialized = max(0, count)
    }
    if let failure { throw failure }
    return bytes
  }

  func readFile() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let part = try self.readSome()
      if part.isEmpty { return bytes }
      bytes += part
    }
  }
}
