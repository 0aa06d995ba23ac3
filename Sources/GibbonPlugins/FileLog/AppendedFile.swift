// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import Glibc
internal import Synchronization

/// A file that lines are added to, opened with the first of them and again after `close()`. Blocks.
final class AppendedFile: Sendable {
  private let path: String
  private let descriptor = Mutex<Int32?>(nil)

  init(_ path: String) { self.path = path }

  deinit { self.close() }

  func close() {
    self.descriptor.withLock { held in
      if let open = held { _ = Glibc.close(open) }
      held = nil
    }
  }

  /// Bytes of a write: whole lines, more only where one line is longer.
  private static let pieceBytes = 64 * 1024

  /// - Throws: `SendFailure`; the lines are lost then, or a part of them.
  func append(lines: [[UInt8]]) throws {
    try self.descriptor.withLock { held in
      let open = try held ?? self.open()
      held = open
      do {
        try self.write(lines, to: open)
      } catch {
        _ = Glibc.close(open)
        held = nil
        throw error
      }
    }
  }

  private func write(_ lines: [[UInt8]], to open: Int32) throws {
    var piece: [UInt8] = []
    for index in lines.indices {
      if !piece.isEmpty, piece.count + lines[index].count >= Self.pieceBytes {
        try self.write(piece, to: open)
        piece.removeAll(keepingCapacity: true)
      }
      piece += lines[index]
      piece.append(UInt8(ascii: "\n"))
    }
    try self.write(piece, to: open)
  }

  private func write(_ bytes: [UInt8], to open: Int32) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(open, $0.baseAddress?.advanced(by: written), $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw SendFailure("failed to write to \(self.path): \(SendFailure.words(code: errno))")
      }
      written += count
    }
  }

  private func open() throws -> Int32 {
    do throws(GuardedFileError) {
      return try GuardedFile.open(self.path, .log, .append).descriptor
    } catch {
      throw SendFailure(
        "failed to open the file \(self.path): \(error.code == 0 ? error.reason : SendFailure.words(code: error.code))")
    }
  }
}
