// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Why a file could not be read.
public struct FileFault: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// Whole files as text, without Foundation.
public enum FileText {
  /// Configuration is small; more than this is a mistake.
  public static let largestBytes = 64 << 20

  /// - Throws: `FileFault`, naming the path and the system's reason.
  public static func read(_ path: String) throws(FileFault) -> String {
    let bytes = try Self.readBytes(path, limit: Self.largestBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw FileFault("\(path): not UTF-8 text") }
    return text
  }

  /// - Parameter limit: a larger file is refused.
  /// - Throws: `FileFault`, naming the path and the system's reason.
  public static func readBytes(_ path: String, limit: Int) throws(FileFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.fault(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      // read() writes at most the length it is given, which is the array's own.
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.fault(path) }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= limit else { throw FileFault("\(path): larger than \(limit >> 20) MiB") }
    }
    return bytes
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  private static func fault(_ path: String) -> FileFault {
    FileFault("\(path): \(String(cString: strerror(errno)))")
  }
}
