// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonProto
internal import Glibc

/// `.proto` files on disk, read where plugins are configured: never on an event loop.
enum ProtoFiles {
  /// Where imports are looked for after the folder of the file itself: Kong's, then those of the system.
  private static let folders = [
    "/usr/local/kong/include", "/usr/local/opt/protobuf/include", "/usr/local/include", "/usr/include",
  ]

  /// Bytes of one file.
  private static let fileLimit = 4 * 1024 * 1024

  /// The types and methods of a file and of what it imports.
  static func load(_ path: String) throws(ProtoError) -> DescriptorPool {
    guard let text = try Self.read(path) else { throw ProtoError(file: path, line: 0, "expected a file that exists") }
    let own = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    let folders = [own.isEmpty ? "/" : own] + Self.folders
    return try ProtoLoader.load(text, path: path) { name throws(ProtoError) in
      for folder in folders {
        if let text = try Self.read("\(folder)/\(name)") { return text }
      }
      return nil
    }
  }

  /// nil where there is no such file.
  private static func read(_ path: String) throws(ProtoError) -> [UInt8]? {
    func failure(_ reason: String) -> ProtoError { ProtoError(file: path, line: 0, reason) }
    // O_NONBLOCK: a pipe that nobody writes to must not keep us.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure("expected a file that can be read: error \(errno)")
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw failure("expected a regular file")
    }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("expected a file that can be read: error \(errno)") }
      if count == 0 { return text }
      text += chunk[..<count]
      guard text.count <= Self.fileLimit else { throw failure("expected at most \(Self.fileLimit) bytes") }
    }
  }
}
